//! The queue of records for the background thread.

use crate::base::reentry;
use crate::collect::{capture, dropped};
use crate::model::drop_reason::DropReason;
use crate::model::record::Record;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard};

/// Maximum number of queued records. Further ones are dropped and counted.
const QUEUE: usize = 8192;
/// Maximum size of the queued records, in bytes.
const QUEUE_BYTES: usize = 4 << 20;
static WAITING: Mutex<Waiting> = Mutex::new(Waiting {
    records: VecDeque::new(),
    bytes: 0,
});

struct Waiting {
    records: VecDeque<Record>,
    bytes: usize,
}
static OPEN: AtomicBool = AtomicBool::new(false);

/// Returns whether there is a pipeline that receives records.
pub(crate) fn is_open() -> bool {
    OPEN.load(Relaxed)
}

/// Opens or closes the queue.
pub(crate) fn open(open: bool) {
    OPEN.store(open, Relaxed);
}

/// Sends a record to this thread's tap, or else to the pipeline. Returns the record if there is neither.
pub(crate) fn send(record: Record) -> Option<Record> {
    let tap = capture::listening();
    if tap.is_none() && !is_open() {
        return Some(record);
    }
    // The queue may grow, and an annotated allocator would send a record from here.
    let _mark = reentry::enter_or_count()?;
    if let Some(tap) = tap {
        tap.record(record);
        return None;
    }
    if crate::base::internal_thread::is_internal() {
        // It comes from a hook, which would be invoked again for this record.
        dropped::count(DropReason::OwnThread);
        return None;
    }
    let size = record.size();
    let has_room = |waiting: &MutexGuard<'_, Waiting>| {
        waiting.records.len() < QUEUE && waiting.bytes + size <= QUEUE_BYTES
    };
    match crate::base::fork::lock(&WAITING).filter(has_room) {
        Some(mut waiting) => {
            waiting.bytes += size;
            waiting.records.push_back(record);
        }
        None => dropped::count(DropReason::RecordQueueFull),
    }
    None
}

/// Takes all queued records.
pub(crate) fn take() -> VecDeque<Record> {
    let mut waiting = crate::base::sync::lock(&WAITING);
    waiting.bytes = 0;
    std::mem::take(&mut waiting.records)
}
