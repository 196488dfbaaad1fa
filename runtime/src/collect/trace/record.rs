//! Buffers of span records for the background thread. Each thread has two, so that it can always write to one of them.

use crate::base::reentry;
use crate::base::sync::Pool;
use crate::collect::dropped;
use crate::model::drop_reason::DropReason;
use crate::model::fields::Fields;
use crate::model::span::{SpanEnd, SpanStart};
use std::cell::Cell;
use std::sync::{Mutex, OnceLock, TryLockError};
use std::thread::Thread;

/// Maximum number of records in a buffer; further ones are dropped and counted. The background thread drains the buffers
/// every 100 ms, so two of them hold more than 40,000 spans per second and thread.
const CAPACITY: usize = 2048;
/// The background thread is woken when a buffer reaches this many records.
const WAKE_AT: usize = CAPACITY / 2;
/// Maximum size of the encoded fields in a buffer, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Initial capacity for encoded fields, in bytes.
const ROOM: usize = 1 << 14;

/// The contents of a buffer.
#[derive(Default)]
pub(crate) struct SpanBatch {
    starts: Vec<(SpanStart, u32, u32)>,
    pub(crate) ends: Vec<SpanEnd>,
    bytes: Vec<u8>,
}

impl SpanBatch {
    fn with_room() -> Self {
        Self {
            starts: Vec::with_capacity(CAPACITY),
            ends: Vec::with_capacity(CAPACITY),
            bytes: Vec::with_capacity(ROOM),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.ends.is_empty()
    }

    /// Returns the span starts, with their fields.
    pub(crate) fn starts(&self) -> impl Iterator<Item = (SpanStart, Fields)> {
        self.starts.iter().map(|(start, from, to)| {
            let bytes = &self.bytes[*from as usize..*to as usize];
            let names = start.origin.metadata().fields();
            (*start, Fields::new(names, bytes.to_vec()))
        })
    }

    fn clear(&mut self) {
        self.starts.clear();
        self.ends.clear();
        self.bytes.clear();
    }
}

/// One thread's two buffers.
struct Buffers([Mutex<SpanBatch>; 2]);

static BUFFERS: Pool<Buffers> = Pool::new();
/// The buffer that the reader swaps for a full one. It is reused, because the writer would page-fault on every page of a
/// newly allocated buffer.
static SPARE: Mutex<Option<SpanBatch>> = Mutex::new(None);
static CONSUMER: OnceLock<Thread> = OnceLock::new();

thread_local! {
    static LOCAL: Cell<Option<&'static Buffers>> = const { Cell::new(None) };
    static LEASE: Lease = Lease(BUFFERS.take(|| {
        Buffers([Mutex::new(SpanBatch::with_room()), Mutex::new(SpanBatch::with_room())])
    }));
}

struct Lease(&'static Buffers);

impl Drop for Lease {
    fn drop(&mut self) {
        LOCAL.set(None);
        BUFFERS.give_back(self.0);
    }
}

#[cold]
fn lease() -> Result<&'static Buffers, DropReason> {
    if crate::base::internal_thread::is_internal() {
        return Err(DropReason::OwnThread);
    }
    let _mark = reentry::enter().ok_or(DropReason::Reentrant)?;
    let buffers = LEASE.try_with(|lease| lease.0);
    let buffers = buffers.map_err(|_| DropReason::SpanQueueFull)?;
    LOCAL.set(Some(buffers));
    Ok(buffers)
}

/// Writes to a free buffer of this thread. The reader locks one buffer at a time, and only to swap it, so one is free.
#[inline(always)]
fn write(write: impl Fn(&mut SpanBatch) -> bool) {
    let buffers = match LOCAL.get().map_or_else(lease, Ok) {
        Ok(buffers) => buffers,
        Err(DropReason::Reentrant) => return reentry::count_dropped(),
        Err(why) => return dropped::count(why),
    };
    for buffer in &buffers.0 {
        let mut batch = match buffer.try_lock() {
            Ok(batch) => batch,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => continue,
        };
        if write(&mut batch) {
            return;
        }
    }
    dropped::count(DropReason::SpanQueueFull);
}

/// Wakes the background thread.
#[cold]
pub(crate) fn wake() {
    if let Some(consumer) = CONSUMER.get() {
        consumer.unpark();
    }
}

/// Records the start of a span, or further fields of it.
#[inline]
pub(crate) fn start(start: SpanStart, fields: &[u8]) {
    write(|batch| {
        let from = batch.bytes.len();
        if batch.starts.len() >= CAPACITY || from + fields.len() > MAX_BYTES {
            return false;
        }
        if batch.bytes.capacity() - from < fields.len() {
            let Some(_mark) = reentry::enter() else {
                return false;
            };
            batch.bytes.reserve(fields.len());
        }
        batch.bytes.extend_from_slice(fields);
        batch
            .starts
            .push((start, from as u32, batch.bytes.len() as u32));
        true
    });
}

/// Records the end of a span.
#[inline]
pub(crate) fn end(end: SpanEnd) {
    write(|batch| {
        let len = batch.ends.len();
        if len >= CAPACITY {
            return false;
        }
        batch.ends.push(end);
        if len == WAKE_AT {
            wake();
        }
        true
    });
}

/// Sets the thread that reads the buffers.
pub(crate) fn set_consumer(thread: Thread) {
    let _ = CONSUMER.set(thread);
}

/// Drains all buffers, passing each batch to `each`.
pub(crate) fn drain(mut each: impl FnMut(&SpanBatch)) {
    let spare = crate::base::sync::lock(&SPARE).take();
    let mut spare = spare.unwrap_or_else(SpanBatch::with_room);
    for buffers in BUFFERS.all() {
        for buffer in &buffers.0 {
            std::mem::swap(&mut *crate::base::sync::lock(buffer), &mut spare);
            if !spare.is_empty() {
                each(&spare);
            }
            spare.clear();
        }
    }
    *crate::base::sync::lock(&SPARE) = Some(spare);
}
