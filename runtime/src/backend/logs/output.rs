//! Outputs of lines. Records are collected into batches, which a thread of the output writes: it may block without
//! delaying the pipeline.

use crate::base::drop_counts;
use crate::model::drop_reason::DropReason;
use crate::pipeline::queue::transport::{QueuedBatch, SendResult, Transport};
use crate::pipeline::queue::{ExportQueue, Signal};
use std::io::{self, Write};
use std::time::Instant;

/// Bytes after which a batch is queued.
const BATCH_BYTES: usize = 64 << 10;
/// The drop reason of lines that could not be written, for example to a closed pipe or a full disk.
pub(super) const WRITE_FAILED: &str = "write_failed";

/// A batch of lines in preparation, and its queue.
pub(super) struct Output {
    queue: ExportQueue,
    endpoint: u8,
    text: Vec<u8>,
    /// The number of records in `text`.
    lines: u64,
}

impl Output {
    /// Creates an output whose batches have this endpoint.
    pub(super) fn new(queue: ExportQueue, endpoint: u8) -> Self {
        Self {
            queue,
            endpoint,
            text: Vec::new(),
            lines: 0,
        }
    }

    /// Adds a record of one or more lines, which `write` writes without the last line end.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut String)) {
        let mut record = String::new();
        write(&mut record);
        if !record.is_empty() {
            self.text.extend_from_slice(record.as_bytes());
            self.text.push(b'\n');
            self.lines += 1;
        }
        if self.text.len() >= BATCH_BYTES {
            self.flush();
        }
    }

    /// Queues the batch.
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

    /// Returns the output's queue.
    pub(super) fn queue(&self) -> &ExportQueue {
        &self.queue
    }
}

/// Writes lines lines. After a failed write, which may have ended within a line, it starts a new line.
pub(super) struct LineWriter<W> {
    writer: W,
    failed: bool,
}

impl<W: Write> LineWriter<W> {
    pub(super) fn new(writer: W) -> Self {
        Self {
            writer,
            failed: false,
        }
    }

    /// Writes lines, and flushes the writer.
    pub(super) fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let before: &[u8] = if self.failed { b"\n" } else { b"" };
        let written = self
            .writer
            .write_all(before)
            .and_then(|()| self.writer.write_all(lines))
            .and_then(|()| self.writer.flush());
        self.failed = written.is_err();
        written
    }
}

/// Writes to the console. Lines that cannot be written are dropped and counted.
pub(super) struct Console<W>(pub(super) LineWriter<W>);

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

    /// Accepts `room` bytes, then fails once, then accepts bytes again.
    struct Broken {
        written: Vec<u8>,
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
            self.written.extend_from_slice(&bytes[..n]);
            Ok(n)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_after_a_failed_write_starts_on_a_new_line() {
        let mut broken = Broken {
            written: Vec::new(),
            room: 8,
        };
        let mut lines = LineWriter::new(&mut broken);
        for line in ["first\n", "second\n", "third\n"] {
            let _ = lines.write(line.as_bytes());
        }
        assert_eq!(broken.written, b"first\nse\nthird\n");
    }
}
