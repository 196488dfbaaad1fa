//! A connection's socket, and the time limits for clients that read slowly.

use super::connections::Connection;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// The period in which a client must read [`MIN_READ`].
const READ_WINDOW: Duration = Duration::from_secs(5);
/// The minimum number of bytes that a client must read in each [`READ_WINDOW`] while its socket is blocked.
const MIN_READ: u64 = 16 << 10;
/// How long a client that reads slowly may take for one response.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);
/// How often these limits are checked.
const TICK: Duration = Duration::from_millis(500);
/// How often the server checks whether a client has left.
const CLIENT_TICK: Duration = Duration::from_millis(200);
/// The maximum number of unread request bytes that are read before a socket is closed.
const MAX_DRAINED: usize = 256 << 10;

/// A socket that hyper reads and writes. The stream is shared, so that the server can check whether the client has left.
pub(super) struct Socket {
    pub(super) stream: Rc<TcpStream>,
    pub(super) connection: Rc<Connection>,
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(cx))?;
            match self.stream.try_read(buf.initialize_unfilled()) {
                Ok(len) => {
                    buf.advance(len);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl Socket {
    fn poll_ready_to_write(
        &self,
        cx: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let is_ready = self.stream.poll_write_ready(cx);
            self.connection.is_blocked.set(is_ready.is_pending());
            ready!(is_ready)?;
            match write(&self.stream) {
                Ok(len) => {
                    let written = &self.connection.written;
                    written.set(written.get() + len as u64);
                    return Poll::Ready(Ok(len));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_ready_to_write(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_ready_to_write(cx, |stream| stream.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Does nothing: the socket is dropped next, which also closes the connection.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Waits until the client of a connection reads too slowly.
pub(super) async fn stalled(connection: &Connection) {
    let mut blocked_since = None;
    let (mut window, mut written) = (Instant::now(), connection.written.get());
    loop {
        sleep(TICK).await;
        let now = Instant::now();
        if !connection.is_blocked.get() {
            // hyper is waiting for the page or for the next request, not for the client.
            blocked_since = None;
            (window, written) = (now, connection.written.get());
            continue;
        }
        if now.duration_since(*blocked_since.get_or_insert(now)) >= SEND_TIMEOUT {
            return;
        }
        if now.duration_since(window) >= READ_WINDOW {
            if connection.written.get() - written < MIN_READ {
                return;
            }
            (window, written) = (now, connection.written.get());
        }
    }
}

/// Waits until the client has closed its side. hyper does not notice that while unread requests precede it.
pub(super) async fn left(stream: &TcpStream) {
    loop {
        sleep(CLIENT_TICK).await;
        let now = timeout(Duration::ZERO, stream.ready(Interest::READABLE)).await;
        if now.is_ok_and(|ready| ready.is_ok_and(|ready| ready.is_read_closed())) {
            return;
        }
    }
}

/// Reads and discards what the client has sent. Closing a socket with unread bytes resets the connection, and the client
/// might lose the response.
pub(super) fn drain(stream: &TcpStream) {
    let mut part = [0; 4096];
    let mut drained = 0;
    while drained < MAX_DRAINED {
        match stream.try_read(&mut part) {
            Ok(len) if len > 0 => drained += len,
            _ => return,
        }
    }
}

/// Waits for the first of two futures.
pub(super) async fn first<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut one, mut other) = (std::pin::pin!(one), std::pin::pin!(other));
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Pending => other.as_mut().poll(cx),
        ready => ready,
    })
    .await
}
