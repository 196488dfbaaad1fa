//! A DogStatsD server on loopback that records what it receives.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::Duration;

/// A server that runs until [`lines`](Self::lines) is called.
#[derive(Debug)]
pub struct Statsd {
    url: String,
    ended: Arc<AtomicBool>,
    thread: JoinHandle<Vec<String>>,
}

impl Statsd {
    /// Serves on any free port.
    ///
    /// # Panics
    /// No port is free.
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let url = format!("udp://{}", socket.local_addr().expect("bound"));
        let wait = Duration::from_millis(50);
        socket.set_read_timeout(Some(wait)).expect("set");
        let ended = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&ended);
        let thread = std::thread::spawn(move || {
            let (mut lines, mut datagram) = (Vec::new(), [0; 65_536]);
            loop {
                // Loaded before receiving, so that datagrams sent before the end are still read.
                let last = stop.load(SeqCst);
                match socket.recv(&mut datagram) {
                    Ok(len) => {
                        let text = String::from_utf8_lossy(&datagram[..len]);
                        lines.extend(text.lines().map(str::to_owned));
                    }
                    Err(_) if last => return lines,
                    Err(_) => {}
                }
            }
        });
        Self { url, ended, thread }
    }

    /// The server's address in the format of `DD_DOGSTATSD_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server and returns every line it received. Call it when the senders have ended.
    ///
    /// # Panics
    /// The server's thread panicked.
    pub fn lines(self) -> Vec<String> {
        self.ended.store(true, SeqCst);
        self.thread.join().expect("no panic")
    }
}

/// The sum of a counter's lines, or the number of values that a distribution's lines represent.
///
/// # Panics
/// A line is not valid DogStatsD.
pub fn total(lines: &[String], name: &str) -> u64 {
    let mut total = 0.0;
    for line in lines {
        let mut parts = line.split('|');
        let (found, values) = parts.next().unwrap_or("").split_once(':').expect("a name");
        if found != name {
            continue;
        }
        let values = values
            .split(':')
            .map(|n| n.parse::<f64>().expect("a number"));
        let kind = parts.next().expect("a type");
        let rate = parts.find_map(|part| part.strip_prefix('@'));
        let weight = rate.map_or(1.0, |rate| 1.0 / rate.parse::<f64>().expect("a rate"));
        total += match kind {
            "c" => values.sum::<f64>(),
            _ => weight * values.count() as f64,
        };
    }
    total.round() as u64
}
