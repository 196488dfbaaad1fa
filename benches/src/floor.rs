//! The baselines: the function without instrumentation, and the minimal cost of measuring it.

use crate::machine::ticks;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

/// The error of the measured functions.
#[derive(Debug)]
pub(crate) struct Failure;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for Failure {}

/// The body of every measured function.
#[inline(always)]
pub(crate) fn body(x: u64) -> Result<u64, Failure> {
    if x == u64::MAX {
        return Err(Failure);
    }
    Ok(x.wrapping_mul(0x9e37_79b9))
}

/// The body of every measured async function, which is pending once.
pub(crate) async fn body_async(x: u64) -> Result<u64, Failure> {
    Once(false).await;
    body(x)
}

struct Once(bool);

impl Future for Once {
    type Output = ();
    fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// Polls a future to its end.
#[inline(always)]
pub(crate) fn drive<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(out) = future.as_mut().poll(&mut cx) {
            return out;
        }
    }
}

#[inline(never)]
pub(crate) fn plain(x: u64) -> Result<u64, Failure> {
    body(x)
}

#[inline(never)]
pub(crate) async fn plain_async(x: u64) -> Result<u64, Failure> {
    body_async(x).await
}

static CALLS: AtomicU64 = AtomicU64::new(0);
static TICKS: AtomicU64 = AtomicU64::new(0);

/// Two atomic additions and two clock reads.
#[inline(never)]
pub(crate) fn floor(x: u64) -> Result<u64, Failure> {
    let start = ticks();
    let out = body(x);
    TICKS.fetch_add(ticks().wrapping_sub(start), Relaxed);
    CALLS.fetch_add(u64::from(out.is_ok()), Relaxed);
    out
}

static GENERATION: AtomicU64 = AtomicU64::new(0);

struct Local {
    generation: Cell<u64>,
    sum: Cell<u64>,
    buckets: [Cell<u64>; 256],
}

thread_local! {
    static LOCAL: Local = const {
        Local { generation: Cell::new(0), sum: Cell::new(0), buckets: [const { Cell::new(0) }; 256] }
    };
}

/// A thread-local log-linear histogram, a generation check and two clock reads.
#[inline(never)]
pub(crate) fn floor_histogram(x: u64) -> Result<u64, Failure> {
    let start = ticks();
    let out = body(x);
    let took = ticks().wrapping_sub(start);
    LOCAL.with(|local| {
        let generation = GENERATION.load(Relaxed);
        if local.generation.get() != generation {
            local.generation.set(generation);
        }
        local.sum.set(local.sum.get().wrapping_add(took));
        let zeros = (took | 1).leading_zeros();
        let quarter = ((took << zeros) >> 61) & 3;
        let bucket = ((63 - u64::from(zeros)) * 4 + quarter) as usize;
        let cell = &local.buckets[bucket % 256];
        cell.set(cell.get() + 1);
    });
    out
}
