//! Transport of lines over TCP, as newline-delimited JSON: to port 10518 of a Datadog Agent, or to any server that reads
//! lines.
//!
//! TCP does not confirm what the server has read. If a write fails, the whole batch is sent again, so that every line
//! arrives complete; the last lines before a lost connection may arrive twice or not at all.

use crate::base::settings::{self, ConfigErrors};
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use std::io::{self, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// The Agent's port for logs over TCP.
const AGENT_PORT: u16 = 10_518;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Resolves the address that lines are sent to: `LOG_TCP`, or the Agent of `DD_AGENT_HOST` if `DD_LOGS_ENABLED` is `true`.
pub(super) fn read(errors: &mut ConfigErrors) -> Option<String> {
    let is_address = |text: &str| {
        let (host, port) = text.rsplit_once(':')?;
        let valid = !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port != 0);
        valid.then(|| text.to_owned())
    };
    let given = settings::parsed(&["LOG_TCP"], "`host:port`", errors, is_address);
    let enabled = settings::switch(&["DD_LOGS_ENABLED"], errors) == Some(true);
    let agent = settings::text(&["DD_AGENT_HOST", "DATADOG_AGENT_HOST"]);
    given.or_else(|| {
        agent
            .filter(|_| enabled)
            .map(|host| format!("{host}:{AGENT_PORT}"))
    })
}

/// Sends lines to a TCP server.
pub(super) struct Tcp {
    address: String,
    stream: Option<TcpStream>,
    failure: Option<String>,
}

impl Tcp {
    pub(super) fn new(address: String) -> Self {
        Self {
            address,
            stream: None,
            failure: None,
        }
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let mut last_error = io::Error::from(io::ErrorKind::NotFound);
        for address in self.address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
                Ok(stream) => return Ok(stream),
                Err(error) => last_error = error,
            }
        }
        Err(last_error)
    }

    fn send(&mut self, lines: &[u8], deadline: Instant) -> io::Result<()> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => self.stream.insert(self.connect()?),
        };
        let left = deadline.saturating_duration_since(Instant::now());
        stream.set_write_timeout(Some(left.max(Duration::from_millis(1))))?;
        // A peer that has closed the connection is detected by reading, as the first write after it would succeed.
        stream.set_nonblocking(true)?;
        let closed = matches!(stream.peek(&mut [0]), Ok(0));
        stream.set_nonblocking(false)?;
        if closed {
            return Err(io::Error::from(io::ErrorKind::ConnectionReset));
        }
        stream.write_all(lines)
    }
}

impl Transport for Tcp {
    fn send(&mut self, batch: &QueuedBatch, deadline: Instant) -> SendResult {
        let had_stream = self.stream.is_some();
        let error = match self.send(&batch.body, deadline) {
            Ok(()) => return SendResult::Done,
            Err(error) => error,
        };
        self.failure = Some(error.kind().to_string());
        self.stream = None;
        // An existing connection may belong to a peer that has exited: retry once with a new one.
        if had_stream && self.send(&batch.body, deadline).is_ok() {
            return SendResult::Done;
        }
        self.stream = None;
        SendResult::Retry(None)
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::queue::{ExportQueue, Limits, Signal};
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    fn put(queue: &ExportQueue, line: &str) {
        queue.put(QueuedBatch {
            signal: Signal::Logs,
            items: 1,
            body: format!("{line}\n").into_bytes(),
            endpoint: 0,
        });
    }

    #[test]
    fn lines_arrive_after_a_reconnect() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound").to_string();
        let limits = Limits {
            pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(5),
            ..Limits::default()
        };
        let queue = ExportQueue::start("tcp-test", limits, Tcp::new(address)).expect("a thread");
        let read = |expected: &str| {
            let (stream, _) = listener.accept().expect("a client");
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).expect("a line");
            assert_eq!(line.trim_end(), expected);
        };
        put(&queue, "one");
        read("one");
        // The connection is closed by now.
        assert!(queue.flush(Instant::now() + Duration::from_secs(20)));
        put(&queue, "two");
        read("two");
    }
}
