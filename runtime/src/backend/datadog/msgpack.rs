//! The subset of MessagePack that traces need.

/// Appends MessagePack values to a buffer.
#[derive(Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    /// Writes the header of an array of `len` values.
    pub(super) fn array(&mut self, len: usize) {
        self.head(len, 0x90, 0xdc);
    }

    /// Writes the header of a map of `len` pairs.
    pub(super) fn map(&mut self, len: usize) {
        self.head(len, 0x80, 0xde);
    }

    /// Writes a collection's header: `fix` is the marker for up to 15 elements, `long` the one for 16-bit lengths.
    fn head(&mut self, len: usize, fix: u8, long: u8) {
        match (u8::try_from(len), u16::try_from(len)) {
            (Ok(len), _) if len < 16 => self.0.push(fix | len),
            (_, Ok(len)) => {
                self.0.push(long);
                self.0.extend_from_slice(&len.to_be_bytes());
            }
            _ => {
                self.0.push(long + 1);
                let len = u32::try_from(len).unwrap_or(u32::MAX);
                self.0.extend_from_slice(&len.to_be_bytes());
            }
        }
    }

    /// Writes a string.
    pub(super) fn text(&mut self, text: &str) {
        let len = text.len();
        match (u8::try_from(len), u16::try_from(len)) {
            (Ok(len), _) if len < 32 => self.0.push(0xa0 | len),
            (Ok(len), _) => self.0.extend_from_slice(&[0xd9, len]),
            (_, Ok(len)) => {
                self.0.push(0xda);
                self.0.extend_from_slice(&len.to_be_bytes());
            }
            _ => {
                self.0.push(0xdb);
                let len = u32::try_from(len).unwrap_or(u32::MAX);
                self.0.extend_from_slice(&len.to_be_bytes());
            }
        }
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Writes an unsigned integer.
    pub(super) fn unsigned(&mut self, number: u64) {
        if number < 128 {
            return self.0.push(number as u8);
        }
        self.0.push(0xcf);
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    /// Writes a signed integer.
    pub(super) fn signed(&mut self, number: i64) {
        self.0.push(0xd3);
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    /// Writes a 64-bit float.
    pub(super) fn float(&mut self, number: f64) {
        self.0.push(0xcb);
        self.0.extend_from_slice(&number.to_be_bytes());
    }
}
