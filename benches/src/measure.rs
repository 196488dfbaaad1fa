//! Paired, interleaved rounds that measure what a contender adds to the plain function in the same process.

use crate::machine;
use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

/// Makes the given number of calls.
pub(crate) type Batch = fn(u64);

/// A loop over a function. The instruction counter selects it by its name.
macro_rules! calls {
    ($function:path) => {{
        #[inline(never)]
        fn bench_batch(calls: u64) {
            for x in 0..calls {
                let _ = std::hint::black_box($function(std::hint::black_box(x)));
            }
        }
        bench_batch
    }};
}

/// The same for an async function.
macro_rules! polls {
    ($function:path) => {{
        #[inline(never)]
        fn bench_batch(calls: u64) {
            for x in 0..calls {
                let _ =
                    std::hint::black_box($crate::floor::drive($function(std::hint::black_box(x))));
            }
        }
        bench_batch
    }};
}
pub(crate) use {calls, polls};

const ROUNDS: usize = 301;
const CALLS: u64 = 1000;

/// The result of a measurement, per call.
pub(crate) struct Measured {
    /// The time added to the plain function, in nanoseconds.
    pub(crate) added: f64,
    /// The time added by the floor in the same rounds.
    pub(crate) floor: f64,
    pub(crate) allocations: f64,
    pub(crate) bytes: f64,
}

fn time(batch: Batch, calls: u64) -> f64 {
    let start = Instant::now();
    black_box(batch)(black_box(calls));
    start.elapsed().as_nanos() as f64 / calls as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Measures a batch. `between` runs outside of the measured time.
pub(crate) fn rounds(
    batch: Batch,
    alone: Batch,
    floor: Batch,
    between: &mut dyn FnMut(),
) -> Measured {
    let plain = calls!(crate::floor::plain) as Batch;
    let (mut added, mut floors) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + 20 {
        let mut took = [0.0; 4];
        let batches = [alone, plain, floor, batch];
        for turn in 0..batches.len() {
            let at = (turn + round) % batches.len();
            took[at] = time(batches[at], CALLS);
            between();
        }
        if round >= 20 {
            added.push(took[3] - took[0]);
            floors.push(took[2] - took[1]);
        }
    }
    let mut within = (0, 0);
    for _ in 0..20 {
        let before = machine::allocations();
        batch(CALLS);
        let after = machine::allocations();
        within.0 += after.0 - before.0;
        within.1 += after.1 - before.1;
        between();
    }
    let calls = (20 * CALLS) as f64;
    Measured {
        added: median(added),
        floor: median(floors),
        allocations: within.0 as f64 / calls,
        bytes: within.1 as f64 / calls,
    }
}

/// The number of errors of a kind that are reported before further ones are only counted.
const REPORTED: u64 = 5;

/// Measures calls whose error is reported. Only the first few of each kind are, so every batch has a new kind.
pub(crate) fn kinds(
    batch: Batch,
    alone: Batch,
    floor: Batch,
    between: &mut dyn FnMut(),
) -> Measured {
    let plain = calls!(crate::floor::plain) as Batch;
    let (mut added, mut floors, mut allocated) = (Vec::new(), Vec::new(), Vec::new());
    for kind in 0..crate::ours::KINDS {
        crate::ours::set_kind(kind);
        let lost = instrumental::lost();
        floors.push(time(floor, CALLS) - time(plain, CALLS));
        let without = time(alone, REPORTED);
        let before = machine::allocations();
        let with = time(batch, REPORTED);
        let after = machine::allocations();
        // Leaves out a kind that shares its rate limit with an earlier one.
        if instrumental::lost() == lost {
            added.push(with - without);
            allocated.push((after.0 - before.0, after.1 - before.1));
        }
        if kind % 16 == 15 {
            between();
        }
    }
    allocated.sort_unstable();
    let (allocations, bytes) = allocated[allocated.len() / 2];
    Measured {
        added: median(added),
        floor: median(floors),
        allocations: allocations as f64 / REPORTED as f64,
        bytes: bytes as f64 / REPORTED as f64,
    }
}

/// The added time per call with one thread, and with two at once.
pub(crate) fn threads(batch: Batch, alone: Batch) -> (f64, f64) {
    const LONG: u64 = 50_000;
    let one = |barrier: &Barrier| {
        let added = (0..61).map(|_| {
            barrier.wait();
            let with = time(batch, LONG);
            barrier.wait();
            with - time(alone, LONG)
        });
        median(added.collect())
    };
    let single = one(&Barrier::new(1));
    let barrier = Barrier::new(2);
    let both = std::thread::scope(|scope| {
        let threads = [scope.spawn(|| one(&barrier)), scope.spawn(|| one(&barrier))];
        threads.map(|thread| thread.join().unwrap_or(f64::NAN))
    });
    (single, (both[0] + both[1]) / 2.0)
}
