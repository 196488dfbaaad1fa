//! Transport of DogStatsD datagrams over UDP or a Unix socket of either kind. It connects on the first send, and
//! reconnects after a restart of the Agent.

use super::address::Statsd;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use crate::pipeline::transport::sockets::{SocketPath, UnixDatagram, UnixStream};
use std::io::{self, Write};
use std::net::UdpSocket;
use std::time::{Duration, Instant};

/// The timeout of a write, as in datadog-go.
const WRITE_TIMEOUT: Duration = Duration::from_millis(100);
/// Bytes of the largest datagram over UDP, which fits an Ethernet frame (datadog-go).
pub(super) const UDP_LIMIT: usize = 1432;
/// Bytes of the largest datagram over a Unix socket: the size of the Agent's buffer (datadog-go).
pub(super) const UNIX_LIMIT: usize = 8192;

enum Socket {
    Udp(UdpSocket),
    Datagram(UnixDatagram),
    Stream(UnixStream),
}

/// Sends datagrams to a DogStatsD server.
pub(super) struct StatsdTransport {
    address: Statsd,
    socket: Option<Socket>,
    /// The inode of the connected Unix socket.
    inode: Option<u64>,
    failure: Option<String>,
}

impl StatsdTransport {
    pub(super) fn new(address: Statsd) -> Self {
        Self {
            address,
            socket: None,
            inode: None,
            failure: None,
        }
    }

    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        // A changed inode means that a new Agent has bound the path. The old one may still accept datagrams while it
        // shuts down, so a successful write does not prove that they arrive.
        let inode = self.address.inode();
        if inode != self.inode {
            self.socket = None;
        }
        self.inode = inode;
        let socket = match &mut self.socket {
            Some(socket) => socket,
            empty => empty.insert(connect(&self.address)?),
        };
        let sent = socket.send(datagram);
        if sent.is_err() {
            // The path may belong to another socket now, and a partial write leaves a stream within a frame.
            self.socket = None;
        }
        sent
    }
}

impl Statsd {
    /// Returns the inode of the Unix socket's path; `None` for UDP.
    fn inode(&self) -> Option<u64> {
        match self {
            Self::Udp(..) => None,
            Self::Unix(path) | Self::UnixDatagram(path) | Self::UnixStream(path) => path.inode(),
        }
    }
}

fn connect(address: &Statsd) -> io::Result<Socket> {
    match address {
        Statsd::Udp(host, port) => udp(host, *port).map(Socket::Udp),
        Statsd::UnixDatagram(path) => datagram(path),
        Statsd::UnixStream(path) => stream(path),
        Statsd::Unix(path) => datagram(path).or_else(|_| stream(path)),
    }
}

fn udp(host: &str, port: u16) -> io::Result<UdpSocket> {
    use std::net::ToSocketAddrs;
    let mut last_error = io::Error::from(io::ErrorKind::NotFound);
    for address in (host, port).to_socket_addrs()? {
        let any = if address.is_ipv4() {
            "0.0.0.0:0"
        } else {
            "[::]:0"
        };
        match UdpSocket::bind(any).and_then(|socket| socket.connect(address).map(|()| socket)) {
            Ok(socket) => return Ok(socket),
            Err(error) => last_error = error,
        }
    }
    Err(last_error)
}

fn datagram(path: &SocketPath) -> io::Result<Socket> {
    let socket = path.datagrams()?;
    socket.set_write_timeout(Some(WRITE_TIMEOUT))?;
    Ok(Socket::Datagram(socket))
}

fn stream(path: &SocketPath) -> io::Result<Socket> {
    let socket = path.stream()?;
    socket.set_write_timeout(Some(WRITE_TIMEOUT))?;
    Ok(Socket::Stream(socket))
}

impl Socket {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        match self {
            Self::Udp(socket) => socket.send(datagram).map(drop),
            Self::Datagram(socket) => socket.send(datagram).map(drop),
            Self::Stream(socket) => {
                let length = u32::try_from(datagram.len()).unwrap_or(u32::MAX);
                let mut frame = length.to_le_bytes().to_vec();
                frame.extend_from_slice(datagram);
                socket.write_all(&frame)
            }
        }
    }
}

impl Transport for StatsdTransport {
    fn send(&mut self, batch: &QueuedBatch, _: Instant) -> SendResult {
        // A socket of an earlier send may belong to an Agent that has exited: retry once with a new one.
        let had_socket = self.socket.is_some();
        match self.send(&batch.body) {
            Ok(()) => SendResult::Done,
            Err(_) if had_socket && self.send(&batch.body).is_ok() => SendResult::Done,
            Err(error) => {
                self.failure = Some(error.kind().to_string());
                SendResult::Retry(None)
            }
        }
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}
