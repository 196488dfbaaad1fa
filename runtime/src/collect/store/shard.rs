//! Cells of the store. Each thread writes its own shard with plain loads and stores, and readers add up the shards.
//!
//! When a thread ends, its shard is reused by another one. Cells are cumulative, so it does not matter which thread added to
//! them. Beyond the memory budget, threads write to the common shard, with atomic additions.

use crate::base::reentry;
use crate::base::sync::Pool;
use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// Number of cells in a page.
pub(crate) const CELLS: usize = 512;
const PAGES: usize = 64;
const DIRECTORIES: usize = 64;
/// Maximum number of cells, enough for 12,000 histograms.
pub(crate) const MAX_CELLS: usize = CELLS * PAGES * DIRECTORIES;

/// Maximum size of all threads' cells, in bytes. The common shard, which must have room for every series, takes at most as
/// much again.
const BUDGET: usize = 16 << 20;
static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

type Block = [AtomicU64; CELLS];
type Directory = [OnceLock<Box<Block>>; PAGES];

/// One thread's cells.
pub(crate) struct Shard {
    directories: [OnceLock<Box<Directory>>; DIRECTORIES],
}

static COMMON: Shard = Shard::new();
static SHARDS: Pool<Shard> = Pool::new();

thread_local! {
    static LOCAL: Cell<Option<&'static Shard>> = const { Cell::new(None) };
    static LEASE: Lease = Lease(SHARDS.take(Shard::new));
}

struct Lease(&'static Shard);

impl Drop for Lease {
    fn drop(&mut self) {
        LOCAL.set(None);
        SHARDS.give_back(self.0);
    }
}

impl Shard {
    const fn new() -> Self {
        Self {
            directories: [const { OnceLock::new() }; DIRECTORIES],
        }
    }

    /// Returns the cells from `slot` to the end of its page.
    #[inline(always)]
    fn cells(&self, slot: u32) -> Option<&[AtomicU64]> {
        let slot = slot as usize;
        let directory = self.directories[(slot / (CELLS * PAGES)) % DIRECTORIES].get()?;
        let page = directory[(slot / CELLS) % PAGES].get()?;
        Some(&page[slot % CELLS..])
    }

    /// Allocates the page of `slot`, if `force` is set or the budget allows it.
    fn grow(&self, slot: u32, force: bool) -> Option<&[AtomicU64]> {
        let slot_at = slot as usize;
        let size = size_of::<Block>();
        if !force && ALLOCATED.load(Relaxed) + size > BUDGET {
            return None;
        }
        let directory = self.directories[(slot_at / (CELLS * PAGES)) % DIRECTORIES]
            .get_or_init(|| Box::new([const { OnceLock::new() }; PAGES]));
        directory[(slot_at / CELLS) % PAGES].get_or_init(|| {
            ALLOCATED.fetch_add(size, Relaxed);
            Box::new([const { AtomicU64::new(0) }; CELLS])
        });
        self.cells(slot)
    }
}

/// How a cell is written: by one thread, or by several.
pub(crate) trait Write {
    fn add(cell: &AtomicU64, n: u64);
    fn add_f64(cell: &AtomicU64, n: f64);
}

/// Only one thread writes the cell, so a load and a store replace the slower atomic addition.
pub(crate) struct Exclusive;
/// Several threads write the cell.
pub(crate) struct Shared;

impl Write for Exclusive {
    #[inline(always)]
    fn add(cell: &AtomicU64, n: u64) {
        cell.store(cell.load(Relaxed).wrapping_add(n), Relaxed);
    }
    #[inline(always)]
    fn add_f64(cell: &AtomicU64, n: f64) {
        cell.store((f64::from_bits(cell.load(Relaxed)) + n).to_bits(), Relaxed);
    }
}

impl Write for Shared {
    fn add(cell: &AtomicU64, n: u64) {
        cell.fetch_add(n, Relaxed);
    }
    fn add_f64(cell: &AtomicU64, n: f64) {
        let add = |bits| Some((f64::from_bits(bits) + n).to_bits());
        let _ = cell.fetch_update(Relaxed, Relaxed, add);
    }
}

/// Returns this thread's cells from `slot`, if they are allocated.
#[inline(always)]
pub(crate) fn local(slot: u32) -> Option<&'static [AtomicU64]> {
    LOCAL.get()?.cells(slot)
}

/// Returns this thread's cells from `slot`, allocated if the budget allows it. Otherwise returns the common cells, as an
/// error.
#[cold]
#[inline(never)]
pub(crate) fn local_or_common(slot: u32) -> Result<&'static [AtomicU64], &'static [AtomicU64]> {
    let Some(_mark) = reentry::enter() else {
        return Err(existing(slot));
    };
    // This fails on a thread that is ending, whose lease is gone.
    if let Ok(shard) = LEASE.try_with(|lease| lease.0) {
        LOCAL.set(Some(shard));
        if let Some(cells) = shard.cells(slot).or_else(|| shard.grow(slot, false)) {
            return Ok(cells);
        }
    }
    Err(COMMON
        .cells(slot)
        .or_else(|| COMMON.grow(slot, true))
        .unwrap_or(&[]))
}

/// Returns the cells that all threads share.
pub(crate) fn common(slot: u32) -> &'static [AtomicU64] {
    if let Some(cells) = COMMON.cells(slot) {
        return cells;
    }
    let Some(_mark) = reentry::enter() else {
        return existing(slot);
    };
    COMMON.grow(slot, true).unwrap_or(&[])
}

/// Returns the common cells if they are allocated. Used while the thread is marked, when nothing may be allocated.
fn existing(slot: u32) -> &'static [AtomicU64] {
    COMMON.cells(slot).unwrap_or_else(|| {
        reentry::count_dropped();
        &[]
    })
}

/// Calls `read` with the cells of every shard that has them.
pub(crate) fn for_each(slot: u32, mut read: impl FnMut(&[AtomicU64])) {
    for shard in SHARDS.all().into_iter().chain(std::iter::once(&COMMON)) {
        if let Some(cells) = shard.cells(slot) {
            read(cells);
        }
    }
}
