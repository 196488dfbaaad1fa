use super::*;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::thread::JoinHandle;
use std::time::SystemTime;

/// Starts a server that responds to one request with these bytes. Its thread returns the request.
fn server(response: &'static [u8]) -> (String, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/v1/traces", listener.local_addr().expect("bound"));
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        respond(&mut stream, response)
    });
    (url, server)
}

/// Reads a request that ends with `body`, responds, and returns the request.
fn respond(stream: &mut (impl Read + Write), response: &[u8]) -> Vec<u8> {
    let mut read = Vec::new();
    let mut part = [0; 4096];
    while !read.ends_with(b"body") {
        let len = stream.read(&mut part).expect("a request");
        assert_ne!(len, 0, "ended early");
        read.extend_from_slice(&part[..len]);
    }
    stream.write_all(response).expect("a listener");
    read
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

fn post(url: &str, deadline: Instant) -> Result<Response, RequestError> {
    Client::new(Peer::Url).post(url, &[("x-key", "secret")], b"body", deadline)
}

#[test]
fn a_response_is_read() {
    let (url, server) = server(b"HTTP/1.1 429 x\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno");
    let response = post(&url, soon()).expect("a response");
    assert_eq!((response.status, &response.body[..]), (429, &b"no"[..]));
    assert_eq!(
        response.send_result(),
        SendResult::Retry(Some(Duration::from_secs(7)))
    );
    let request = String::from_utf8(server.join().expect("no panic")).expect("text");
    assert!(request.contains("x-key: secret"), "{request}");
}

#[test]
fn r06_a_redirect_is_not_followed() {
    let (url, _server) =
        server(b"HTTP/1.1 301 x\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    let response = post(&url, soon()).expect("a response");
    assert_eq!(response.send_result(), SendResult::Refused(why::SEND_ERROR));
}

#[test]
fn r06_garbage_and_silence_are_failures() {
    let (url, _server) = server(b"\x15\x03\x01 no http\r\n\r\n");
    assert!(post(&url, soon()).is_err());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    let begun = Instant::now();
    assert!(post(&url, begun + Duration::from_millis(100)).is_err());
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn r06_plain_http_on_a_tls_port_fails_and_compressed_responses_stay_compressed() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://{}/", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    assert!(post(&url, soon()).is_err());
    // Ten megabytes of zeros, which compress to ten kilobytes.
    let bomb = gzip(&vec![0; 10 << 20]);
    let mut response = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        bomb.len()
    )
    .into_bytes();
    response.extend_from_slice(&bomb);
    let (url, _server) = server(response.leak());
    let response = post(&url, soon()).expect("a response");
    assert!(response.body.len() as u64 <= MAX_RESPONSE);
}

#[test]
fn r06_a_slow_response_ends_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while stream.write_all(b".").is_ok() {
            std::thread::park_timeout(Duration::from_millis(10));
        }
    });
    let begun = Instant::now();
    let response = post(&url, begun + Duration::from_millis(200));
    // The status arrived before the deadline.
    assert_eq!(response.expect("a status").status, 200);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn r07_an_unknown_host_is_a_failure() {
    let begun = Instant::now();
    assert!(
        post(
            "http://nonexistent.invalid/",
            begun + Duration::from_secs(2)
        )
        .is_err()
    );
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn http_over_a_unix_socket() {
    let path = std::env::temp_dir().join(format!("instrumental-net-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).expect("a socket");
    let socket = path.to_str().and_then(SocketPath::new).expect("absolute");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        respond(
            &mut stream,
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        )
    });
    let client = Client::new(Peer::Socket(socket));
    let response = client.post("http://localhost/info", &[], b"body", soon());
    assert_eq!(response.expect("a response").body, b"ok");
    server.join().expect("no panic");
    std::fs::remove_file(path).expect("removed");
}

#[test]
fn c02_retry_after_is_seconds_or_a_date() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_470);
    for (text, seconds) in [
        ("120", Some(120.0)),
        (" 1.5 ", Some(1.5)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", Some(10.0)),
        ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0.0)),
        ("-1", None),
        ("soon", None),
    ] {
        let read = retry_after(text, now).map(|after| after.as_secs_f64());
        assert_eq!(read, seconds, "{text}");
    }
}
