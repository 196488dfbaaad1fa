use super::*;
use std::io::Read;
use std::time::Instant;

fn server() -> Server {
    let pages = vec![
        Page::new("/hello", |request| {
            Answer::text(200, request.accept.clone())
        }),
        Page::new("/large", |_| Answer {
            status: 200,
            content_type: "text/plain",
            headers: "",
            body: Body::Streamed(Box::new(|out| {
                (0..50_000).try_for_each(|n| writeln!(out, "line {n:01000}"))
            })),
        }),
        Page::new("/fails", |_| panic!("on purpose")),
    ];
    Server::start(&[vec!["127.0.0.1:0".parse().expect("an address")]], pages).expect("a port")
}

fn ask(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.addresses()[0]).expect("it listens");
    stream.write_all(request.as_bytes()).expect("sent");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("set");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn pages_and_what_is_none() {
    let server = server();
    let address = server.addresses()[0];
    let urls: Vec<_> = server.urls().collect();
    assert_eq!(urls, [("metrics", format!("http://{address}/hello"))]);
    let close = "Connection: close\r\n\r\n";
    for (request, status, holds) in [
        ("GET /hello?x=1 HTTP/1.1\r\nAccept: a/b\r\n", "200", "a/b"),
        (
            "HEAD /hello HTTP/1.1\r\nAccept: a/b\r\n",
            "200",
            "Content-Length: 3",
        ),
        ("GET /nothing HTTP/1.1\r\n", "404", "no such page"),
        ("POST /hello HTTP/1.1\r\n", "405", "Allow: GET"),
        ("GET /fails HTTP/1.1\r\n", "500", "failed"),
        ("nonsense\r\n", "400", "no request"),
        ("GET http://elsewhere/ HTTP/1.1\r\n", "400", "no request"),
    ] {
        let answer = ask(&server, &format!("{request}{close}"));
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{request}: {answer}"
        );
        assert!(answer.contains(holds), "{request}: {answer}");
    }
    let head = ask(
        &server,
        &format!("HEAD /hello HTTP/1.1\r\nAccept: a/b\r\n{close}"),
    );
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    let long = format!(
        "GET /hello HTTP/1.1\r\nx: {}\r\n{close}",
        "y".repeat(20_000)
    );
    assert!(ask(&server, &long).starts_with("HTTP/1.1 431"));
}

#[test]
fn p05_a_connection_serves_more_than_one_request() {
    let server = server();
    let requests = "GET /hello HTTP/1.1\r\n\r\nGET /hello HTTP/1.1\r\nConnection: close\r\n\r\n";
    assert_eq!(ask(&server, requests).matches("HTTP/1.1 200").count(), 2);
}

#[test]
fn p05_slow_clients_do_not_stop_it() {
    let server = server();
    let address = server.addresses()[0];
    let slow: Vec<_> = (0..MAX_CONNECTIONS - 4)
        .map(|_| {
            let mut stream = TcpStream::connect(address).expect("it listens");
            stream.write_all(b"GET /large HTTP/1.1\r\n").expect("sent");
            stream
        })
        .collect();
    let answer = ask(&server, "GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop(slow);
}

#[test]
fn p05_a_client_may_go_away_midway_and_a_large_page_takes_no_room() {
    let server = server();
    let mut stream = TcpStream::connect(server.addresses()[0]).expect("it listens");
    stream
        .write_all(b"GET /large HTTP/1.1\r\n\r\n")
        .expect("sent");
    stream.read_exact(&mut [0; 1000]).expect("a part");
    drop(stream);
    let answer = ask(&server, "GET /large HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(answer.len() > 50_000_000 && answer.ends_with("0\r\n\r\n"));
}

#[test]
fn p05_a_port_in_use_is_an_error_and_the_end_frees_it() {
    let server = server();
    let address = server.addresses()[0];
    let any = "127.0.0.1:0".parse().expect("an address");
    assert!(Server::start(&[vec![address, any]], Vec::new()).is_ok());
    assert!(Server::start(&[vec![address]], Vec::new()).is_err());
    drop(server);
    let deadline = Instant::now() + Duration::from_secs(20);
    while Server::start(&[vec![address]], Vec::new()).is_err() {
        assert!(Instant::now() < deadline, "the port is not free");
        std::thread::yield_now();
    }
}
