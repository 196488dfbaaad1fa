//! The metrics store: all measurements of the process, in bounded memory, written without locks.

pub(crate) mod bucket;
pub(crate) mod series;
mod shard;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod snapshot;

use crate::collect::dropped;
use crate::model::drop_reason::DropReason;
use crate::model::site::Series;
use shard::{Exclusive, Shared, Write};
use std::sync::atomic::Ordering::Relaxed;

/// Adds to a counter. Subtraction is wrapping addition: the sum over all shards is correct.
#[inline]
pub(crate) fn add(series: &Series, n: u64) {
    match shard::local(series.slot) {
        Some([cell, ..]) => Exclusive::add(cell, n),
        _ => add_slow(series, n),
    }
}

#[cold]
fn add_slow(series: &Series, n: u64) {
    if series::is_discarded(series) {
        return;
    }
    match shard::local_or_common(series.slot) {
        Ok([cell, ..]) => Exclusive::add(cell, n),
        Err([cell, ..]) => Shared::add(cell, n),
        _ => {}
    }
}

/// Records a value into a histogram. A value that is not finite is dropped and counted.
#[inline]
pub(crate) fn record(series: &Series, value: f64) {
    if !value.is_finite() {
        return dropped::count(DropReason::NotFinite);
    }
    // A negative value is counted in the lowest bucket, and decreases the sum.
    if value < 0.0 {
        record_positive(series, 0.0);
        return shard_sum(series, value);
    }
    record_positive(series, value);
}

/// Records a value that is known to be finite and not negative.
#[inline(always)]
pub(crate) fn record_positive(series: &Series, value: f64) {
    match shard::local(series.slot) {
        Some(cells) => into::<Exclusive>(cells, series, value),
        None => record_slow(series, value),
    }
}

/// Records a value that is known to be finite and not negative, if the thread already has cells for the series. Otherwise it
/// records nothing and returns `false`. It never calls another function, so the caller saves no registers.
#[inline(always)]
pub(crate) fn record_fast(series: &Series, value: f64) -> bool {
    match shard::local(series.slot) {
        Some(cells) => {
            into::<Exclusive>(cells, series, value);
            true
        }
        None => false,
    }
}

#[cold]
fn shard_sum(series: &Series, value: f64) {
    match shard::local_or_common(series.slot) {
        Ok([sum, ..]) => Exclusive::add_f64(sum, value),
        Err([sum, ..]) => Shared::add_f64(sum, value),
        _ => {}
    }
}

#[cold]
fn record_slow(series: &Series, value: f64) {
    if series::is_discarded(series) {
        return;
    }
    match shard::local_or_common(series.slot) {
        Ok(cells) => into::<Exclusive>(cells, series, value),
        Err(cells) => into::<Shared>(cells, series, value),
    }
}

#[inline(always)]
fn into<W: Write>(cells: &[std::sync::atomic::AtomicU64], series: &Series, value: f64) {
    if let Some(cells) = cells.first_chunk::<{ bucket::HISTOGRAM_CELLS }>() {
        W::add_f64(&cells[0], value);
        W::add(&cells[1 + bucket::of(value, series.floor)], 1);
    }
}

/// Sets a gauge. A value that is not finite is dropped and counted.
pub(crate) fn set(series: &Series, value: f64) {
    if !value.is_finite() {
        return dropped::count(DropReason::NotFinite);
    }
    if series::is_discarded(series) {
        return;
    }
    // A gauge has one cell for all threads, in which the last write wins.
    if let [cell, ..] = shard::common(series.slot) {
        cell.store(value.to_bits(), Relaxed);
    }
}

/// Adds to a gauge. A value that is not finite is dropped and counted.
pub(crate) fn adjust(series: &Series, by: f64) {
    if !by.is_finite() {
        return dropped::count(DropReason::NotFinite);
    }
    if series::is_discarded(series) {
        return;
    }
    if let [cell, ..] = shard::common(series.slot) {
        Shared::add_f64(cell, by);
    }
}
