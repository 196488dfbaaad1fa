//! Encoding of recorded values. Each value is visited once, and stored as bytes; `Debug` implementations that panic or write
//! without end are contained.

use crate::base::internal_thread::guarded;
use crate::base::reentry;
use crate::collect::dropped;
use crate::model::drop_reason::DropReason;
use crate::model::fields::tag;
use std::cell::Cell;
use std::fmt::{self, Debug, Write};
use tracing::Value;
use tracing::field::{Field, FieldSet, Visit};

/// Maximum size of a value, in bytes.
const MAX_VALUE: usize = 4096;
/// Initial capacity of a buffer, in bytes.
const ROOM: usize = 256;
/// Appended to a truncated value.
const CUT: &str = "…";

/// Encodes `values`, in the order of `names`, and passes the bytes to `then`. No lock is held while the values' own code
/// runs.
pub(crate) fn encode<R>(
    names: &'static FieldSet,
    values: &[Option<&dyn Value>],
    then: impl FnOnce(&[u8]) -> R,
) -> R {
    thread_local! {
        static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    }
    // A value whose `Debug` calls an annotated function re-enters this function, and gets a buffer of its own.
    let mut bytes = SCRATCH.try_with(Cell::take).unwrap_or_default();
    bytes.clear();
    let mut record = |bytes: &mut Vec<u8>| {
        let mut encoder = Encoder { bytes };
        for (field, value) in names.iter().zip(values) {
            if let Some(value) = value {
                encoder.guarded(&field, *value);
            }
        }
    };
    if bytes.capacity() != 0 {
        record(&mut bytes);
    } else {
        within(&mut bytes, &mut record);
    }
    // A capturing test copies the bytes, and an annotated allocator would re-enter this function.
    let mark = (crate::collect::capture::taps() != 0).then(reentry::mark);
    let out = then(&bytes);
    drop(mark);
    let _ = SCRATCH.try_with(|scratch| scratch.set(std::mem::take(&mut bytes)));
    if bytes.capacity() != 0 {
        // The thread is ending. The allocator that frees the buffer may be annotated.
        let _mark = reentry::mark();
        drop(bytes);
    }
    out
}

/// Encodes into a new buffer: the thread's first one, or one for a value within another value. An allocator that records its
/// own calls is called for this buffer as well, so the allocation is marked.
#[cold]
fn within(bytes: &mut Vec<u8>, record: &mut dyn FnMut(&mut Vec<u8>)) {
    let Some(mark) = reentry::enter_or_count() else {
        return;
    };
    bytes.reserve(ROOM);
    drop(mark);
    if let Some(_values) = reentry::values() {
        record(bytes);
    }
}

/// Encodes the values that `record` passes to the visitor.
pub(crate) fn encode_with(record: impl FnOnce(&mut dyn Visit)) -> Vec<u8> {
    let mut bytes = Vec::new();
    record(&mut Encoder { bytes: &mut bytes });
    bytes
}

struct Encoder<'a> {
    bytes: &'a mut Vec<u8>,
}

impl Encoder<'_> {
    fn guarded(&mut self, field: &Field, value: &dyn Value) {
        let start = self.bytes.len();
        if guarded(|| value.record(field, self)).is_err() {
            dropped::count(DropReason::FieldPanicked);
            self.bytes.truncate(start);
            self.text(field, "<panicked>");
        }
    }

    fn number(&mut self, field: &Field, tag: u8, raw: [u8; 8]) {
        let [a, b, c, d, e, f, g, h] = raw;
        let bytes = [field.index() as u8, tag, a, b, c, d, e, f, g, h];
        append(self.bytes, &bytes);
    }

    fn text(&mut self, field: &Field, text: &str) {
        let _ = self.write(field, |out| out.write_str(text));
    }

    fn write(
        &mut self,
        field: &Field,
        write: impl FnOnce(&mut Bounded<'_>) -> fmt::Result,
    ) -> fmt::Result {
        append(self.bytes, &[field.index() as u8, tag::STR, 0, 0, 0, 0]);
        let start = self.bytes.len();
        let mut out = Bounded {
            bytes: self.bytes,
            room: MAX_VALUE,
            full: false,
        };
        let result = write(&mut out);
        let full = out.full;
        if full {
            append(self.bytes, CUT.as_bytes());
        }
        let len = (self.bytes.len() - start) as u32;
        self.bytes[start - 4..start].copy_from_slice(&len.to_le_bytes());
        if full { Ok(()) } else { result }
    }
}

impl Visit for Encoder<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field, tag::F64, value.to_le_bytes());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, tag::I64, value.to_le_bytes());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, tag::U64, value.to_le_bytes());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, tag::BOOL, [u8::from(value), 0, 0, 0, 0, 0, 0, 0]);
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }
    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.record_debug(field, &format_args!("{value}"));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let start = self.bytes.len();
        let debug = || self.write(field, |out| write!(out, "{value:?}"));
        let instead = match guarded(debug) {
            Ok(Ok(())) => return,
            Ok(Err(_)) => "<failed to format>",
            Err(_) => "<panicked>",
        };
        dropped::count(DropReason::FieldPanicked);
        self.bytes.truncate(start);
        self.text(field, instead);
    }
}

/// Appends to the buffer. The allocator may re-enter this function while the buffer grows.
#[inline]
fn append(bytes: &mut Vec<u8>, more: &[u8]) {
    if bytes.capacity() - bytes.len() < more.len() {
        let _mark = reentry::mark();
        bytes.reserve(more.len());
    }
    bytes.extend_from_slice(more);
}

/// A writer that fails when it is full, so that a value of 10 MB costs no more than its first 4 KiB.
struct Bounded<'a> {
    bytes: &'a mut Vec<u8>,
    room: usize,
    full: bool,
}

impl Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fits = crate::model::cut::cut(text, self.room);
        append(self.bytes, fits.as_bytes());
        self.room -= fits.len();
        if fits.len() < text.len() {
            self.full = true;
            return Err(fmt::Error);
        }
        Ok(())
    }
}
