//! Programs whose allocator, subscriber, recorder or hook is annotated, one an argument: run by `allocator_test.rs`, each
//! in a process of its own.
#![allow(unsafe_code)] // A global allocator has no other way to be.

mod allocator {
    pub(crate) mod facades;
    pub(crate) mod places;
}

use allocator::{facades, places};
use instrumental::{
    SampleValue, business_event, capture_errors, catalog, samples, testing, traced,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::error::Error;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What the allocator does each time it is asked. From the beginning of the process, before `main`, it calls.
static DOES: AtomicU8 = AtomicU8::new(CALLS);
static ASKED: AtomicU64 = AtomicU64::new(0);
static LEFT_OUT_BEFORE: AtomicU64 = AtomicU64::new(0);

const NOTHING: u8 = 0;
const COUNTS: u8 = 1;
const LABELS: u8 = 2;
const NUMBERS: u8 = 3;
const CALLS: u8 = 4;
const FIELDS: u8 = 5;
const REPORTS: u8 = 6;

struct Annotated;

#[global_allocator]
static ALLOCATOR: Annotated = Annotated;

unsafe impl GlobalAlloc for Annotated {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        asked(layout);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        asked(layout);
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        asked(layout);
        unsafe { System.realloc(place, layout, size) }
    }
}

#[catalog]
#[allow(unreachable_pub)]
mod memory {
    /// Times the allocator was asked.
    pub fn asked() -> Counter;
    /// The same by size.
    pub fn by_size(size: &'static str, large: bool) -> Counter;
    /// The last size.
    pub fn last() -> Gauge;
    /// Sizes.
    pub fn sizes() -> Histogram<Bytes>;
}

#[business_event("memory.large")]
struct Large {
    size: usize,
}

#[traced]
fn call() {}

#[traced(?layout, fields(size = layout.size()))]
fn call_with_fields(layout: Layout) -> usize {
    layout.align()
}

#[traced]
#[capture_errors]
fn fails() -> Result<(), String> {
    Err(String::new())
}

fn asked(layout: Layout) {
    let does = DOES.load(Relaxed);
    if does == NOTHING {
        return;
    }
    ASKED.fetch_add(1, Relaxed);
    let size = layout.size();
    match does {
        COUNTS => memory::asked().increment(1),
        LABELS if size < 64 => memory::by_size("small", false).increment(1),
        LABELS => memory::by_size("other", true).increment(1),
        NUMBERS => {
            memory::last().set(size as f64);
            memory::sizes().record(size as u64);
        }
        CALLS => call(),
        FIELDS => drop(call_with_fields(layout)),
        _ => {
            let _ = fails();
            Large { size }.emit();
        }
    }
}

type Outcome = Result<(), Box<dyn Error>>;

/// What was counted of a metric, and what was left out of it.
struct Counted {
    asked: u64,
    counted: u64,
    left_out: u64,
}

fn counted(metric: &str) -> Counted {
    // What another thread is about to count.
    std::thread::sleep(Duration::from_millis(100));
    let of = |sample: &instrumental::Sample| match &sample.value {
        SampleValue::Counter(count) => *count,
        SampleValue::Histogram(values) => values.count(),
        SampleValue::Gauge(_) => 1,
    };
    let samples = samples();
    let samples = samples.iter().filter(|sample| sample.name() == metric);
    let lost = instrumental::lost();
    let lost = lost
        .iter()
        .filter(|(reason, _)| reason.as_str() == "reentrant");
    Counted {
        asked: ASKED.load(Relaxed),
        counted: samples.map(of).sum(),
        left_out: lost.map(|(_, count)| count).sum::<u64>() - LEFT_OUT_BEFORE.load(Relaxed),
    }
}

/// How often that asks at least: for 500 texts, and to free them.
const ON_FRESH_THREADS: u64 = 8 * 1000;

/// Allocates on threads that have not reported anything before.
fn on_fresh_threads() {
    let threads: Vec<_> = (0..8)
        .map(|n| {
            std::thread::spawn(move || (0..500).map(|m| format!("{n}{m}")).collect::<Vec<_>>())
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().map_or(0, |texts| texts.len()), 500);
    }
}

/// Lets the allocator do something under `init()`, and nothing afterwards.
fn under_init(does: u8) -> Outcome {
    LEFT_OUT_BEFORE.store(counted("").left_out, Relaxed);
    let telemetry = instrumental::init()?;
    DOES.store(does, Relaxed);
    on_fresh_threads();
    DOES.store(NOTHING, Relaxed);
    telemetry.flush(Duration::from_secs(20))?;
    Ok(())
}

/// Each is counted or left out.
fn is_exact(metric: &str) {
    let Counted {
        asked,
        counted,
        left_out,
    } = counted(metric);
    assert_eq!(
        counted + left_out,
        asked,
        "{metric}: {counted} and {left_out} left out"
    );
    assert!(
        counted >= ON_FRESH_THREADS,
        "{metric}: {counted} of {asked}"
    );
    assert!(left_out > 0, "{metric}");
}

/// Each is counted or left out; a call that is left out is so in several respects.
fn is_accounted(metric: &str) {
    let Counted {
        asked,
        counted,
        left_out,
    } = counted(metric);
    assert!(
        counted <= asked && counted + left_out >= asked,
        "{metric}: {counted} of {asked}"
    );
    assert!(
        counted >= ON_FRESH_THREADS,
        "{metric}: {counted} of {asked}"
    );
}

fn in_a_test() -> Outcome {
    for does in [COUNTS, LABELS, NUMBERS, CALLS, FIELDS, REPORTS] {
        let (out, seen) = testing::capture(|| {
            DOES.store(does, Relaxed);
            let out = call_with_fields(Layout::new::<u64>()) + vec![0_u8; 3].len();
            DOES.store(NOTHING, Relaxed);
            out
        });
        assert_eq!(out, 11);
        assert!(
            seen.spans().any(|span| span.name == "call_with_fields"),
            "{does}: {seen}"
        );
    }
    Ok(())
}

fn main() -> Outcome {
    DOES.store(NOTHING, Relaxed);
    assert!(
        ASKED.swap(0, Relaxed) > 0,
        "the runtime allocates before `main`"
    );
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(40));
        eprintln!("hangs");
        std::process::abort();
    });
    match std::env::args().nth(1).as_deref() {
        Some("counter") => under_init(COUNTS).map(|()| is_exact("memory.asked")),
        Some("labelled") => under_init(LABELS).map(|()| is_exact("memory.by_size")),
        Some("numbers") => under_init(NUMBERS).map(|()| is_accounted("memory.sizes")),
        Some("calls") => under_init(CALLS).map(|()| is_accounted("function.duration")),
        Some("fields") => under_init(FIELDS).map(|()| is_accounted("function.duration")),
        Some("reports") => under_init(REPORTS).map(|()| is_accounted("memory.large")),
        Some("capture") => in_a_test(),
        Some("facades") => facades::run(
            &|does| DOES.store(does, Relaxed),
            &[NOTHING, COUNTS, CALLS, FIELDS],
        ),
        Some("panic_hook") => places::panic_hook(),
        Some("thread_exit") => places::thread_exit(
            &|does| DOES.store(does, Relaxed),
            &[NOTHING, COUNTS, CALLS, FIELDS],
        ),
        other => Err(format!("no program {other:?}").into()),
    }
}
