//! Sending datagrams: UDP, or a Unix socket of either kind. Connects when there is something to send, and again when the
//! Agent was restarted.

use super::address::Statsd;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use crate::pipeline::transport::sockets::{SocketPath, UnixDatagram, UnixStream};
use std::io::{self, Write};
use std::net::UdpSocket;
use std::time::{Duration, Instant};

/// How long a write may wait (datadog-go: 100 ms).
const WRITE: Duration = Duration::from_millis(100);
/// Largest datagram over UDP, so that it fits a frame, and over a Unix socket: the Agent's buffer (datadog-go).
pub(super) const UDP_LIMIT: usize = 1432;
pub(super) const UNIX_LIMIT: usize = 8192;

enum Socket {
    Udp(UdpSocket),
    Datagram(UnixDatagram),
    Stream(UnixStream),
}

pub(super) struct StatsdTransport {
    address: Statsd,
    socket: Option<Socket>,
    /// Of the Unix socket it is connected to.
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
        // Another socket lies at the path: the one we are connected to is of an Agent that goes, and may still take.
        let inode = self.address.inode();
        if inode != self.inode {
            self.socket = None;
        }
        self.inode = inode;
        let socket = match &mut self.socket {
            Some(socket) => socket,
            none => none.insert(connect(&self.address)?),
        };
        let sent = socket.send(datagram);
        if sent.is_err() {
            // The socket may be another one by now; and a stream that took a part has lost its frames.
            self.socket = None;
        }
        sent
    }
}

impl Statsd {
    /// Which file the Unix socket is.
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
    let mut refused = io::Error::from(io::ErrorKind::NotFound);
    for address in (host, port).to_socket_addrs()? {
        let any = if address.is_ipv4() {
            "0.0.0.0:0"
        } else {
            "[::]:0"
        };
        match UdpSocket::bind(any).and_then(|socket| socket.connect(address).map(|()| socket)) {
            Ok(socket) => return Ok(socket),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

fn datagram(path: &SocketPath) -> io::Result<Socket> {
    let socket = path.datagrams()?;
    socket.set_write_timeout(Some(WRITE))?;
    Ok(Socket::Datagram(socket))
}

fn stream(path: &SocketPath) -> io::Result<Socket> {
    let socket = path.stream()?;
    socket.set_write_timeout(Some(WRITE))?;
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
        // At once with a new socket, where the old one was of an Agent that is gone.
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
