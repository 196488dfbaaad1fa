//! Where lines go: complete ones only, many with one write, on a thread that may be kept waiting.

use crate::base::drop_counts;
use crate::model::drop_reason::DropReason;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use crate::pipeline::queue::{ExportQueue, Signal};
use std::io::{self, Write};
use std::time::Instant;

/// Bytes after which what is gathered is handed over.
const FULL: usize = 64 << 10;
/// What did not take a line: a closed pipe, a full disk.
pub(super) const WRITE_FAILED: &str = "write_failed";

/// Lines on their way to a queue.
pub(super) struct Output {
    queue: ExportQueue,
    endpoint: u8,
    text: Vec<u8>,
    /// Lines in `text`.
    lines: u64,
}

impl Output {
    pub(super) fn new(queue: ExportQueue, endpoint: u8) -> Self {
        Self {
            queue,
            endpoint,
            text: Vec::new(),
            lines: 0,
        }
    }

    /// Adds a record of one or more lines. The line end is added here.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut String)) {
        let mut record = String::new();
        write(&mut record);
        if !record.is_empty() {
            self.text.extend_from_slice(record.as_bytes());
            self.text.push(b'\n');
            self.lines += 1;
        }
        if self.text.len() >= FULL {
            self.flush();
        }
    }

    /// Hands over what was added.
    pub(super) fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        self.queue.put(QueuedBatch {
            signal: Signal::Logs,
            items: std::mem::take(&mut self.lines),
            body: std::mem::take(&mut self.text),
            endpoint: self.endpoint,
        });
    }

    pub(super) fn queue(&self) -> &ExportQueue {
        &self.queue
    }
}

/// Writes whole lines; after a failure it begins a new one.
pub(super) struct Whole<W> {
    writer: W,
    /// The last write may have ended within a line.
    torn: bool,
}

impl<W: Write> Whole<W> {
    pub(super) fn new(writer: W) -> Self {
        Self {
            writer,
            torn: false,
        }
    }

    pub(super) fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let before: &[u8] = if self.torn { b"\n" } else { b"" };
        let written = self
            .writer
            .write_all(before)
            .and_then(|()| self.writer.write_all(lines))
            .and_then(|()| self.writer.flush());
        self.torn = written.is_err();
        written
    }
}

/// Writes to the console. What it does not take is lost, and counted.
pub(super) struct Console<W>(pub(super) Whole<W>);

impl<W: Write + Send + 'static> Transport for Console<W> {
    fn send(&mut self, batch: &QueuedBatch, _: Instant) -> SendResult {
        match self.0.write(&batch.body) {
            Ok(()) => SendResult::Done,
            Err(_) => {
                drop_counts::add(DropReason::ConsoleFailed, batch.items);
                SendResult::Refused(WRITE_FAILED)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes some bytes, then fails, then takes all again.
    struct Broken {
        taken: Vec<u8>,
        room: usize,
    }

    impl Write for &mut Broken {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let n = bytes.len().min(self.room);
            if n == 0 {
                self.room = 1000;
                return Err(io::Error::from(io::ErrorKind::BrokenPipe));
            }
            self.room -= n;
            self.taken.extend_from_slice(&bytes[..n]);
            Ok(n)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_after_a_failure_begins_a_line() {
        let mut broken = Broken {
            taken: Vec::new(),
            room: 8,
        };
        let mut whole = Whole::new(&mut broken);
        for line in ["first\n", "second\n", "third\n"] {
            let _ = whole.write(line.as_bytes());
        }
        assert_eq!(broken.taken, b"first\nse\nthird\n");
    }
}
