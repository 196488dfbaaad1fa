//! A client's socket, and how long its client may take.

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

/// A client has to read [`LEAST_READ`] within this time.
const READ_WINDOW: Duration = Duration::from_secs(5);
/// Bytes that a client reads in [`READ_WINDOW`], unless there are fewer.
const LEAST_READ: u64 = 16 << 10;
/// How long a client that reads slowly may take for one answer.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);
/// How often the above are looked at.
const TICK: Duration = Duration::from_millis(500);
/// How often it is looked at whether a client left.
const CLIENT_TICK: Duration = Duration::from_millis(200);
/// Bytes of a request that nobody waits for, read before the socket is closed.
const MAX_DRAINED: usize = 256 << 10;

/// A socket that hyper reads and writes, and that others may look at meanwhile.
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

    /// Does nothing: the socket is dropped next, which says the same to the client.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Waits until the client of a connection has proved too slow: it does not read what is sent.
pub(super) async fn stalled(connection: &Connection) {
    let mut blocked_since = None;
    let (mut window, mut written) = (Instant::now(), connection.written.get());
    loop {
        sleep(TICK).await;
        let now = Instant::now();
        if !connection.is_blocked.get() {
            // hyper waits for the page, or for the next request.
            blocked_since = None;
            (window, written) = (now, connection.written.get());
            continue;
        }
        if now.duration_since(*blocked_since.get_or_insert(now)) >= SEND_TIMEOUT {
            return;
        }
        if now.duration_since(window) >= READ_WINDOW {
            if connection.written.get() - written < LEAST_READ {
                return;
            }
            (window, written) = (now, connection.written.get());
        }
    }
}

/// Waits until the client has closed its side. hyper cannot see that while requests lie unread before it.
pub(super) async fn left(stream: &TcpStream) {
    loop {
        sleep(CLIENT_TICK).await;
        let now = timeout(Duration::ZERO, stream.ready(Interest::READABLE)).await;
        if now.is_ok_and(|ready| ready.is_ok_and(|ready| ready.is_read_closed())) {
            return;
        }
    }
}

/// Reads what the client sent and nobody wants: closing a socket with unread bytes resets the connection, and the
/// client might lose the answer.
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

/// Waits for whichever comes first.
pub(super) async fn first<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut one, mut other) = (std::pin::pin!(one), std::pin::pin!(other));
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Pending => other.as_mut().poll(cx),
        ready => ready,
    })
    .await
}
