//! Response bodies for hyper.

use super::connections::Answering;
use super::page::Writer;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;

/// The size of a part of a body, in bytes.
const CHUNK: usize = 16 << 10;
/// The number of parts that are written before the client reads them.
const AHEAD: usize = 2;

/// A response body. It holds the mark of its connection until it is sent.
pub(super) struct PageBody {
    source: Source,
    _answering: Answering,
}

enum Source {
    Whole(Bytes),
    Streamed(mpsc::Receiver<io::Result<Bytes>>),
}

impl PageBody {
    pub(super) fn whole(body: Vec<u8>, answering: Answering) -> Self {
        Self {
            source: Source::Whole(body.into()),
            _answering: answering,
        }
    }

    /// Runs the writer on a thread that may block. A write waits while the client does not read, and fails once the client
    /// has left. Must be called within the runtime.
    pub(super) fn streamed(writer: Writer, answering: Answering) -> Self {
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || {
            let mut chunks = Chunks {
                sender,
                part: Vec::with_capacity(CHUNK),
            };
            let written = catch_unwind(AssertUnwindSafe(|| {
                writer(&mut chunks)?;
                chunks.flush()
            }));
            // An error ends the body without its last chunk, so that the client does not take a part for the whole page.
            if !matches!(written, Ok(Ok(()))) {
                let failed = io::Error::other("the page could not be written");
                let _ = chunks.sender.blocking_send(Err(failed));
            }
        });
        Self {
            source: Source::Streamed(receiver),
            _answering: answering,
        }
    }
}

impl Body for PageBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let part = match &mut self.source {
            Source::Whole(rest) if rest.is_empty() => None,
            // Sent in parts too, so that the connection is marked until the client has read nearly all of it.
            Source::Whole(rest) => Some(Ok(rest.split_to(rest.len().min(CHUNK)))),
            Source::Streamed(parts) => ready!(parts.poll_recv(cx)),
        };
        Poll::Ready(part.map(|part| part.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.source, Source::Whole(rest) if rest.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Whole(rest) => SizeHint::with_exact(rest.len() as u64),
            Source::Streamed(_) => SizeHint::default(),
        }
    }
}

/// A writer that sends its input in parts.
struct Chunks {
    sender: mpsc::Sender<io::Result<Bytes>>,
    part: Vec<u8>,
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.part.extend_from_slice(bytes);
        if self.part.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.part.is_empty() {
            return Ok(());
        }
        let part = std::mem::replace(&mut self.part, Vec::with_capacity(CHUNK));
        let sent = self.sender.blocking_send(Ok(part.into()));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
