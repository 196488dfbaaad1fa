use super::page::{Answer, Body, ClientLeft, Writer};
use super::*;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Counts what the pages of a test server did.
#[derive(Default)]
struct Counts {
    /// The number of requests for the waiting page.
    waits: AtomicUsize,
    /// The number of those whose client left.
    lefts: AtomicUsize,
    /// Whether the last large page was written completely.
    large: Mutex<Option<bool>>,
}

fn server() -> (Server, Arc<Counts>) {
    let seen = Arc::new(Counts::default());
    let (waiting, large) = (Arc::clone(&seen), Arc::clone(&seen));
    let streamed = |writer: Writer| Answer {
        status: 200,
        content_type: "text/plain",
        headers: &[],
        body: Body::Streamed(writer),
    };
    let pages = vec![
        Page::new("/hello", |request| {
            Answer::text(200, request.accept.clone())
        }),
        Page::new("/large", move |_| {
            let large = Arc::clone(&large);
            streamed(Box::new(move |out| {
                let written = (0..50_000).try_for_each(|n| writeln!(out, "line {n:01000}"));
                *large.large.lock().expect("no panic") = Some(written.is_ok());
                written
            }))
        }),
        Page::new("/waits", move |request| {
            waiting.waits.fetch_add(1, SeqCst);
            match request.wait(Duration::from_secs(300)) {
                Ok(()) => Answer::text(200, "waited\n"),
                Err(ClientLeft) => {
                    waiting.lefts.fetch_add(1, SeqCst);
                    Answer::text(500, "left\n")
                }
            }
        }),
        Page::new("/fails", |_| panic!("on purpose")),
        Page::new("/fails-midway", move |_| {
            streamed(Box::new(|out| {
                out.write_all(b"a part")?;
                panic!("on purpose")
            }))
        }),
    ];
    let place = vec!["127.0.0.1:0".parse().expect("an address")];
    (Server::start(&[place], pages).expect("a port"), seen)
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.addresses()[0]).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("set");
    stream
}

/// Sends a request, and reads until the server closes the connection.
fn ask(server: &Server, request: &str) -> String {
    let mut stream = connect(server);
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

const KEPT: &str = "GET /hello HTTP/1.1\r\nHost: localhost\r\nAccept: x\r\n\r\n";

/// Sends a request on a connection that stays open. Fails if the server closed it.
fn ask_kept(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(KEPT.as_bytes())?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nx") {
        let mut part = [0; 512];
        match stream.read(&mut part)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            len => answer.extend_from_slice(&part[..len]),
        }
    }
    Ok(())
}

/// Waits until a condition holds; panics with `message` after 20 seconds.
fn wait_for(message: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{message}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Reads until the server closes the connection, and returns how long that took.
fn until_closed(mut stream: TcpStream) -> Duration {
    let begun = Instant::now();
    let mut read = Vec::new();
    if let Err(error) = stream.read_to_end(&mut read) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    begun.elapsed()
}

#[test]
fn requests_get_their_page_or_an_error() {
    let (server, _) = server();
    let address = server.addresses()[0];
    let urls: Vec<_> = server.urls().collect();
    assert_eq!(urls, [("metrics", format!("http://{address}/hello"))]);
    let end = "Host: localhost\r\nConnection: close\r\n\r\n";
    for (request, status, holds) in [
        ("GET /hello?x=1 HTTP/1.1\r\nAccept: a/b\r\n", "200", "a/b"),
        (
            "HEAD /hello HTTP/1.1\r\nAccept: a/b\r\n",
            "200",
            "content-length: 3",
        ),
        ("GET /hello HTTP/1.0\r\nAccept: a/b\r\n", "200", "a/b"),
        ("GET /nothing HTTP/1.1\r\n", "404", "not found"),
        ("GET /hello/ HTTP/1.1\r\n", "404", "not found"),
        ("OPTIONS * HTTP/1.1\r\n", "404", "not found"),
        ("POST /hello HTTP/1.1\r\n", "405", "allow: GET, HEAD"),
        ("OPTIONS /hello HTTP/1.1\r\n", "405", "allow: GET, HEAD"),
        ("BREW /hello HTTP/1.1\r\n", "405", "allow: GET, HEAD"),
        ("GET /fails HTTP/1.1\r\n", "500", "internal error"),
        ("nonsense\r\n", "400", ""),
        (
            "GET http://evil.example/hello HTTP/1.1\r\n",
            "403",
            "host not allowed",
        ),
        ("GET http://localhost/hello HTTP/1.1\r\n", "200", ""),
    ] {
        let answer = ask(&server, &format!("{request}{end}"));
        let is_status = |version| answer.starts_with(&format!("HTTP/1.{version} {status}"));
        assert!(is_status(0) || is_status(1), "{request}: {answer}");
        assert!(answer.contains(holds), "{request}: {answer}");
    }
    for path in ["/hello", "/large", "/nothing"] {
        let head = ask(&server, &format!("HEAD {path} HTTP/1.1\r\n{end}"));
        assert!(head.ends_with("\r\n\r\n"), "{head}");
    }
}

#[test]
fn p05_a_page_that_fails_midway_does_not_look_complete() {
    let (server, _) = server();
    let mut stream = connect(&server);
    stream
        .write_all(get("/fails-midway").as_bytes())
        .expect("sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.ends_with(b"0\r\n\r\n"), "{answer:?}");
}

#[test]
fn p05_a_connection_serves_more_than_one_request() {
    let (server, _) = server();
    let requests = format!("{KEPT}{KEPT}{}", get("/hello"));
    assert_eq!(ask(&server, &requests).matches("HTTP/1.1 200").count(), 3);
}

#[test]
fn p05_slow_clients_do_not_block_others() {
    let (server, _) = server();
    let slow: Vec<_> = (0..100)
        .map(|_| {
            let mut stream = connect(&server);
            stream.write_all(b"GET /large HTTP/1.1\r\n").expect("sent");
            stream
        })
        .collect();
    let answer = ask(&server, &get("/hello"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop(slow);
}

#[test]
fn p05_a_client_may_leave_midway_and_a_large_page_is_streamed() {
    let (server, seen) = server();
    let mut stream = connect(&server);
    stream.write_all(get("/large").as_bytes()).expect("sent");
    stream.read_exact(&mut [0; 1000]).expect("a part");
    drop(stream);
    let failed = || *seen.large.lock().expect("no panic") == Some(false);
    wait_for("the page is still written", failed);
    let answer = ask(&server, &get("/large"));
    assert!(answer.len() > 50_000_000 && answer.ends_with("0\r\n\r\n"));
    assert_eq!(*seen.large.lock().expect("no panic"), Some(true));
}

#[test]
fn p05_a_port_in_use_is_an_error_and_dropping_the_server_frees_it() {
    let (server, _) = server();
    let address = server.addresses()[0];
    let any = "127.0.0.1:0".parse().expect("an address");
    assert!(Server::start(&[vec![address, any]], Vec::new()).is_ok());
    assert!(Server::start(&[vec![address]], Vec::new()).is_err());
    drop(server);
    let is_free = || Server::start(&[vec![address]], Vec::new()).is_ok();
    wait_for("the port is not free", is_free);
}

#[test]
fn f44_pages_are_not_served_to_other_hosts_and_origins() {
    let (server, seen) = server();
    for path in ["/hello", "/large", "/waits", "/fails", "/nothing"] {
        for header in [
            "Host: evil.example",
            "Host: localhost.evil.example",
            "Host: localhost\r\nOrigin: null",
            "Host: localhost\r\nOrigin: http://evil.example",
            "Host: localhost\r\nSec-Fetch-Site: cross-site",
        ] {
            for method in ["GET", "HEAD", "POST", "OPTIONS"] {
                let request =
                    format!("{method} {path} HTTP/1.1\r\n{header}\r\nConnection: close\r\n\r\n");
                let answer = ask(&server, &request);
                assert!(answer.starts_with("HTTP/1.1 403"), "{request}: {answer}");
            }
        }
    }
    assert_eq!(seen.waits.load(SeqCst), 0);
    let bare = "GET /hello HTTP/1.0\r\n\r\n";
    assert!(ask(&server, bare).starts_with("HTTP/1.0 200"));
}

#[test]
fn f44_a_page_that_waits_ends_with_its_client() {
    let (server, seen) = server();
    let request = get("/waits");
    let pipelined = format!("{}{KEPT}", request.replace("Connection: close\r\n", ""));
    type Leave = fn(TcpStream) -> Option<TcpStream>;
    let closes: Leave = |_| None;
    let closes_half: Leave = |stream| {
        stream.shutdown(Shutdown::Write).expect("it is open");
        Some(stream)
    };
    for (n, (request, leave)) in [
        (&request, closes),
        (&pipelined, closes),
        (&request, closes_half),
        (&pipelined, closes_half),
    ]
    .into_iter()
    .enumerate()
    {
        let mut stream = connect(&server);
        stream.write_all(request.as_bytes()).expect("sent");
        wait_for("the page is not asked for", || seen.waits.load(SeqCst) > n);
        let kept = leave(stream);
        wait_for("the page still waits", || seen.lefts.load(SeqCst) > n);
        drop(kept);
    }
    // The page also ends when the server is dropped.
    let mut stream = connect(&server);
    stream.write_all(request.as_bytes()).expect("sent");
    wait_for("the page is not asked for", || seen.waits.load(SeqCst) > 4);
    drop(server);
    wait_for("the page still waits", || seen.lefts.load(SeqCst) > 4);
}

#[test]
fn f44_a_client_may_close_its_sending_side() {
    let (server, _) = server();
    for path in ["/hello", "/large"] {
        let mut stream = connect(&server);
        stream.write_all(get(path).as_bytes()).expect("sent");
        stream.shutdown(Shutdown::Write).expect("it is open");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[test]
fn f45_many_kept_connections_do_not_stop_scrapes() {
    let (server, _) = server();
    let mut greedy: Vec<_> = (0..64).map(|_| connect(&server)).collect();
    for n in 0..55 {
        // A client whose connection was closed connects again.
        for stream in &mut greedy {
            if ask_kept(stream).is_err() {
                *stream = connect(&server);
            }
        }
        let answer = ask(&server, &get("/hello"));
        assert!(answer.starts_with("HTTP/1.1 200"), "scrape {n}: {answer}");
    }
}

#[test]
fn f45_clients_that_wait_for_pages_leave_room_for_others() {
    let (server, seen) = server();
    let waiting = || {
        let mut stream = connect(&server);
        stream.write_all(get("/waits").as_bytes()).expect("sent");
        stream
    };
    let mut clients = Vec::new();
    for n in 0..connections::PEER_SHARE - 1 {
        clients.push(waiting());
        wait_for("the page is not asked for", || seen.waits.load(SeqCst) > n);
    }
    for _ in 0..3 {
        assert!(ask(&server, &get("/hello")).starts_with("HTTP/1.1 200"));
    }
    clients.push(waiting());
    wait_for("the page is not asked for", || {
        seen.waits.load(SeqCst) >= connections::PEER_SHARE
    });
    let mut refused = String::new();
    let _ = connect(&server).read_to_string(&mut refused);
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    drop(clients);
    wait_for("there is no room", || {
        let mut answer = String::new();
        let mut stream = connect(&server);
        let _ = stream.write_all(get("/hello").as_bytes());
        let _ = stream.read_to_string(&mut answer);
        answer.starts_with("HTTP/1.1 200")
    });
}

#[test]
fn f45_connections_of_idle_and_slow_senders_are_closed() {
    let (server, _) = server();
    let least = listen::HEAD_TIMEOUT - Duration::from_secs(1);
    let most = listen::HEAD_TIMEOUT + Duration::from_secs(10);
    let silent = connect(&server);
    let mut kept = connect(&server);
    ask_kept(&mut kept).expect("an answer");
    let mut slow = connect(&server);
    slow.write_all(b"GET /hello HTTP/1.1\r\n").expect("sent");
    let mut drips = slow.try_clone().expect("a clone");
    let dripping = std::thread::spawn(move || {
        while drips.write_all(b"x: y\r\n").is_ok() {
            std::thread::park_timeout(Duration::from_millis(200));
        }
    });
    let closing =
        [silent, kept, slow].map(|stream| std::thread::spawn(move || until_closed(stream)));
    for closed in closing {
        let took = closed.join().expect("no panic");
        assert!(took > least && took < most, "{took:?}");
    }
    dripping.join().expect("no panic");
}

#[test]
fn f45_the_connection_of_a_client_that_does_not_read_is_closed() {
    let (server, seen) = server();
    let mut stream = connect(&server);
    stream.write_all(get("/large").as_bytes()).expect("sent");
    let failed = || *seen.large.lock().expect("no panic") == Some(false);
    wait_for("the page is still written", failed);
}

#[test]
fn f45_requests_that_are_too_large_are_refused() {
    let (server, _) = server();
    let end = "Host: localhost\r\nConnection: close\r\n\r\n";
    let long = format!("GET /hello HTTP/1.1\r\nx: {}\r\n{end}", "y".repeat(20_000));
    let many = format!("GET /hello HTTP/1.1\r\n{}{end}", "x: y\r\n".repeat(200));
    let target = format!("GET /{} HTTP/1.1\r\n{end}", "y".repeat(20_000));
    for request in [long, many, target] {
        let answer = ask(&server, &request);
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    let body = |header: &str, body: &str| {
        let head = format!("GET /hello HTTP/1.1\r\n{header}\r\nHost: localhost\r\n");
        ask(&server, &format!("{head}Connection: close\r\n\r\n{body}"))
    };
    let answer = body("Content-Length: 100000", "");
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let answer = body("Transfer-Encoding: chunked", "1\r\nx\r\n0\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let answer = body("Content-Length: 4", "body");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
