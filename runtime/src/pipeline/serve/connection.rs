//! One connection: requests read, answers written, each with a deadline.

use super::{Answer, Body, Page, Request};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// How long the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a client may take to read a part of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest head.
const MAX_HEAD: usize = 16 << 10;
/// Largest body of a request; it is read and not looked at.
const MAX_BODY: usize = 64 << 10;
/// Requests on one connection.
const MAX_REQUESTS: usize = 1000;
/// Size of a part of a streamed body.
const CHUNK: usize = 16 << 10;

/// There are too many connections.
pub(super) fn refuse(mut stream: TcpStream) {
    let _ = stream.set_write_timeout(Some(Duration::from_millis(100)));
    let _ = stream.write_all(
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
}

pub(super) fn serve(mut stream: TcpStream, pages: &[Page], ended: &AtomicBool) {
    if stream.set_write_timeout(Some(WRITE_TIMEOUT)).is_err() {
        return;
    }
    let mut read = Vec::new();
    for _ in 0..MAX_REQUESTS {
        if ended.load(SeqCst) {
            return;
        }
        let Ok(Some((request, keep))) = next(&mut stream, &mut read) else {
            return;
        };
        let answer = answer(&request, pages);
        let head_only = request.method == "HEAD";
        if write(&mut stream, answer, head_only, keep).is_err() || !keep {
            return;
        }
    }
}

fn answer(request: &Request, pages: &[Page]) -> Answer {
    let Some(page) = pages.iter().find(|page| page.path == request.path) else {
        return Answer::text(404, "there is no such page\n");
    };
    let allowed = match request.method.as_str() {
        "GET" | "HEAD" => !page.changes,
        "POST" => page.changes,
        _ => false,
    };
    if !allowed {
        return Answer {
            headers: if page.changes {
                "Allow: POST\r\n"
            } else {
                "Allow: GET, HEAD\r\n"
            },
            ..Answer::text(405, "this page is not to be had that way\n")
        };
    }
    let made = catch_unwind(AssertUnwindSafe(|| (page.handler)(request)));
    made.unwrap_or_else(|_| Answer::text(500, "this page failed\n"))
}

/// Reads the next request, and whether the connection is kept after it; `None`: there is none.
fn next(stream: &mut TcpStream, read: &mut Vec<u8>) -> io::Result<Option<(Request, bool)>> {
    let deadline = Instant::now() + HEAD_TIMEOUT;
    let end = loop {
        let end = read.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end.filter(|end| *end <= MAX_HEAD) {
            break end + 4;
        }
        if read.len() > MAX_HEAD {
            let answer = Answer::text(431, "the head of the request is too large\n");
            write(stream, answer, false, false)?;
            return Ok(None);
        }
        if !fill(stream, read, deadline)? {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&read[..end]).into_owned();
    let Some((request, length, keep)) = parse(&head).filter(|(_, length, _)| *length <= MAX_BODY)
    else {
        write(
            stream,
            Answer::text(400, "this is no request\n"),
            false,
            false,
        )?;
        return Ok(None);
    };
    while read.len() < end + length {
        if !fill(stream, read, deadline)? {
            return Ok(None);
        }
    }
    read.drain(..end + length);
    Ok(Some((request, keep)))
}

/// Reads what comes next; `false`: nothing does.
fn fill(stream: &mut TcpStream, read: &mut Vec<u8>, deadline: Instant) -> io::Result<bool> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Ok(false);
    }
    stream.set_read_timeout(Some(left))?;
    let mut part = [0; 4096];
    let len = stream.read(&mut part)?;
    read.extend_from_slice(&part[..len]);
    Ok(len > 0)
}

/// The request, the length of its body, and whether the connection is kept.
fn parse(head: &str) -> Option<(Request, usize, bool)> {
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target, version) = (first.next()?, first.next()?, first.next()?);
    if first.next().is_some() || !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return None;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        ..Request::default()
    };
    let (mut length, mut keep) = (0, version == "HTTP/1.1");
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "accept" => request.accept = value.to_owned(),
            "host" => request.host = value.to_owned(),
            "content-length" => length = value.parse().ok()?,
            // Nobody sends a body in parts to these pages.
            "transfer-encoding" => return None,
            "connection" => keep = keep && !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    Some((request, length, keep))
}

fn write(stream: &mut TcpStream, answer: Answer, head_only: bool, keep: bool) -> io::Result<()> {
    let mut head = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n{}",
        answer.status,
        reason(answer.status),
        answer.content_type,
        answer.headers,
    );
    head.push_str(if keep {
        "Connection: keep-alive\r\n"
    } else {
        "Connection: close\r\n"
    });
    match answer.body {
        Body::Whole(body) => {
            head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
            stream.write_all(head.as_bytes())?;
            if !head_only {
                stream.write_all(&body)?;
            }
        }
        Body::Streamed(make) => {
            head.push_str("Transfer-Encoding: chunked\r\n\r\n");
            stream.write_all(head.as_bytes())?;
            if !head_only {
                let mut chunks = Chunks {
                    stream,
                    part: Vec::with_capacity(CHUNK),
                };
                make(&mut chunks)?;
                chunks.end()?;
            }
        }
    }
    stream.flush()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}

/// Writes in parts of a known length (RFC 9112, 7.1).
struct Chunks<'a> {
    stream: &'a mut TcpStream,
    part: Vec<u8>,
}

impl Chunks<'_> {
    fn send(&mut self) -> io::Result<()> {
        if self.part.is_empty() {
            return Ok(());
        }
        write!(self.stream, "{:x}\r\n", self.part.len())?;
        self.part.extend_from_slice(b"\r\n");
        self.stream.write_all(&self.part)?;
        self.part.clear();
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        self.send()?;
        self.stream.write_all(b"0\r\n\r\n")
    }
}

impl Write for Chunks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.part.extend_from_slice(bytes);
        if self.part.len() >= CHUNK {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
