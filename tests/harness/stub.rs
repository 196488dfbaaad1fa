//! A backend on loopback that misbehaves in a chosen way.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How the server responds.
#[derive(Clone, Debug)]
pub enum Mode {
    /// With a status line such as `503 x`, and headers, each with its line end.
    Status(&'static str, &'static str),
    /// With the complete response that the function makes of the request's head, which is in lower case.
    Respond(fn(&str) -> String),
    /// Reads the request and never responds.
    Silent,
    /// Sends an endless body, one byte at a time.
    Drip,
    /// Sends endless headers.
    EndlessHeaders,
    /// Sends bytes that are not HTTP.
    Garbage,
    /// Closes the connection.
    Reset,
}

/// A server that runs until it is dropped.
pub struct Stub {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    mode: Mutex<Mode>,
    requests: AtomicUsize,
    bodies: Mutex<Vec<(String, Vec<u8>)>>,
    ended: AtomicBool,
}

impl Stub {
    /// Serves on any free port.
    pub fn start(mode: Mode) -> Self {
        Self::at("127.0.0.1:0", mode)
    }

    /// Serves on the given address.
    ///
    /// # Panics
    /// The address is in use.
    pub fn at(address: &str, mode: Mode) -> Self {
        let listener = TcpListener::bind(address).expect("a port");
        let address = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared {
            mode: Mutex::new(mode),
            requests: AtomicUsize::new(0),
            bodies: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.ended.load(SeqCst) {
                    return;
                }
                let (Ok(stream), shared) = (stream, Arc::clone(&serving)) else {
                    return;
                };
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self {
            address,
            shared,
            thread: Some(thread),
        }
    }

    /// The address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the mode, from the next request on.
    pub fn set(&self, mode: Mode) {
        *self
            .shared
            .mode
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// The number of requests so far.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(SeqCst)
    }

    /// Heads, in lower case, and bodies of the requests so far.
    pub fn bodies(&self) -> Vec<(String, Vec<u8>)> {
        let bodies = self.shared.bodies.lock();
        bodies.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.shared.ended.store(true, SeqCst);
        // Wakes the thread that accepts connections.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        while let Some(request) = read(&mut stream) {
            if self.ended.load(SeqCst) {
                return;
            }
            self.requests.fetch_add(1, SeqCst);
            let head = request.0.clone();
            let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
            bodies.push(request);
            drop(bodies);
            let mode = self
                .mode
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if answer(&mut stream, &mode, &head).is_err() {
                return;
            }
        }
    }
}

fn answer(stream: &mut TcpStream, mode: &Mode, head: &str) -> std::io::Result<()> {
    match mode {
        Mode::Respond(respond) => stream.write_all(respond(head).as_bytes()),
        Mode::Status(status, headers) => write!(
            stream,
            "HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n"
        ),
        Mode::Silent => {
            let mut rest = [0; 1024];
            while stream.read(&mut rest)? > 0 {}
            Ok(())
        }
        Mode::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")?;
            repeat_forever(stream, b".")
        }
        Mode::EndlessHeaders => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            repeat_forever(stream, b"x-more: and more\r\n")
        }
        Mode::Garbage => {
            stream.write_all(b"\x16\x03\x01\x02 this is no HTTP\r\n\r\n")?;
            Err(std::io::Error::other("done"))
        }
        Mode::Reset => Err(std::io::Error::other("done")),
    }
}

fn repeat_forever(stream: &mut TcpStream, part: &[u8]) -> std::io::Result<()> {
    loop {
        stream.write_all(part)?;
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Reads one request, of a known length or chunked: its head, in lower case, and its body. `None` at the end of the stream.
pub fn read(stream: &mut impl Read) -> Option<(String, Vec<u8>)> {
    let mut read = Vec::new();
    let mut part = [0; 65_536];
    loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
            let body = &read[end + 4..];
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(Some(0), |length| length.trim().parse().ok())?;
            let chunked = head.contains("transfer-encoding: chunked");
            if chunked && body.ends_with(b"0\r\n\r\n") || !chunked && body.len() >= length {
                return Some((head, body.to_vec()));
            }
        }
        let len = stream.read(&mut part).ok().filter(|len| *len > 0)?;
        read.extend_from_slice(&part[..len]);
    }
}
