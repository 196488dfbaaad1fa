//! Where lines go: complete ones only, many with one write.

use crate::lost::{self, Reason};
use std::io::Write;

/// Bytes after which what is gathered is written.
const FULL: usize = 64 << 10;

/// Lines on their way to a writer.
pub(super) struct Output<W> {
    writer: W,
    text: String,
    /// Lines in `text`.
    lines: u64,
    /// The last write may have ended within a line.
    torn: bool,
}

impl<W: Write> Output<W> {
    pub(super) fn new(writer: W) -> Self {
        Self {
            writer,
            text: String::new(),
            lines: 0,
            torn: false,
        }
    }

    /// Adds a record of one or more lines. The line end is added here.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut String)) {
        let before = self.text.len();
        write(&mut self.text);
        if self.text.len() > before {
            self.text.push('\n');
            self.lines += 1;
        }
        if self.text.len() >= FULL {
            self.flush();
        }
    }

    /// Writes what was added. What the writer does not take is lost, and counted.
    pub(super) fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let before: &[u8] = if self.torn { b"\n" } else { b"" };
        let written = self
            .writer
            .write_all(before)
            .and_then(|()| self.writer.write_all(self.text.as_bytes()))
            .and_then(|()| self.writer.flush());
        self.torn = written.is_err();
        if self.torn {
            lost::count_many(Reason::ConsoleFailed, self.lines);
        }
        self.text.clear();
        self.text.shrink_to(2 * FULL);
        self.lines = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

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
        let mut output = Output::new(&mut broken);
        for line in ["first", "second", "third"] {
            output.add(|out| out.push_str(line));
            output.flush();
        }
        output.add(|_| {});
        output.flush();
        assert_eq!(broken.taken, b"first\nse\nthird\n");
    }

    #[test]
    fn much_is_written_at_once() {
        let mut writes = Vec::new();
        let mut output = Output::new(&mut writes);
        for _ in 0..FULL {
            output.add(|out| out.push('x'));
        }
        output.flush();
        assert_eq!(writes.len(), 2 * FULL);
    }
}
