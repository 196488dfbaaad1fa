//! A Sentry server for tests.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// Reads a request, and returns its head in lower case and its body.
fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut read, mut part) = (Vec::new(), [0; 65_536]);
    loop {
        let len = stream.read(&mut part).ok().filter(|len| *len > 0)?;
        read.extend_from_slice(&part[..len]);
        let Some(end) = read.windows(4).position(|w| w == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))?;
        if read.len() >= end + 4 + length.trim().parse::<usize>().ok()? {
            return Some((head, read[end + 4..].to_vec()));
        }
    }
}

/// A running server.
pub(super) struct Server {
    pub(super) dsn: String,
    /// The heads and bodies of the requests.
    pub(super) requests: mpsc::Receiver<(String, Vec<u8>)>,
}

/// Starts a server that answers with the given status lines and headers, one after another, then with 200.
pub(super) fn server(answers: Vec<&'static str>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let dsn = format!("http://key@{}/7", listener.local_addr().expect("bound"));
    let (send, requests) = mpsc::channel();
    let answers = Arc::new(Mutex::new(answers.into_iter()));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, send) = (stream.expect("a client"), send.clone());
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || {
                while let Some(request) = request(&mut stream) {
                    let answer = crate::base::sync::lock(&answers)
                        .next()
                        .unwrap_or("200 OK\r\n");
                    let answer = format!("HTTP/1.1 {answer}Content-Length: 0\r\n\r\n");
                    if stream.write_all(answer.as_bytes()).is_err() || send.send(request).is_err() {
                        return;
                    }
                }
            });
        }
    });
    Server { dsn, requests }
}

/// Splits off the first line, which is JSON.
fn line(bytes: &[u8]) -> (Value, &[u8]) {
    let end = bytes.iter().position(|b| *b == b'\n').expect("a line");
    let json = serde_json::from_slice(&bytes[..end]).expect("JSON");
    (json, &bytes[end + 1..])
}

/// Parses an envelope: returns its header, and its items, which are delimited by their lengths.
fn envelope(body: &[u8]) -> (Value, Vec<(Value, Value)>) {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(body)
        .read_to_end(&mut plain)
        .expect("gzip");
    let (header, mut rest) = line(&plain);
    let mut items = Vec::new();
    while !rest.is_empty() {
        let (head, after) = line(rest);
        let length = head["length"].as_u64().expect("a length") as usize;
        let payload = serde_json::from_slice(&after[..length]).expect("JSON");
        assert_eq!(after[length], b'\n');
        items.push((head, payload));
        rest = &after[length + 1..];
    }
    (header, items)
}

/// Waits for a request, and returns its head, and the header and the items of its envelope.
pub(super) fn next(server: &Server) -> (String, Value, Vec<(Value, Value)>) {
    let (head, body) = server
        .requests
        .recv_timeout(Duration::from_secs(20))
        .expect("a request");
    let (header, items) = envelope(&body);
    (head, header, items)
}
