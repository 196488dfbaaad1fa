//! Programs whose allocator, subscriber, recorder or hook is annotated, selected by an argument. `allocator_test.rs` runs
//! each in a separate process.
#![allow(unsafe_code)] // `GlobalAlloc` is an unsafe trait.

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

/// What the allocator does on every request. It makes annotated calls from the start of the process, before `main`.
static ACTION: AtomicU8 = AtomicU8::new(CALLS);
static REQUESTS: AtomicU64 = AtomicU64::new(0);
static DROPPED_BEFORE: AtomicU64 = AtomicU64::new(0);

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
        on_request(layout);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        on_request(layout);
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        on_request(layout);
        unsafe { System.realloc(place, layout, size) }
    }
}

#[catalog]
#[allow(unreachable_pub)]
mod memory {
    /// Requests to the allocator.
    pub fn requests() -> Counter;
    /// Requests by size.
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

fn on_request(layout: Layout) {
    let action = ACTION.load(Relaxed);
    if action == NOTHING {
        return;
    }
    REQUESTS.fetch_add(1, Relaxed);
    let size = layout.size();
    match action {
        COUNTS => memory::requests().increment(1),
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

/// How many requests there were, and how many of them a metric counted and telemetry dropped.
struct Counted {
    requests: u64,
    counted: u64,
    dropped: u64,
}

fn counted(metric: &str) -> Counted {
    // Lets other threads finish counting.
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
        requests: REQUESTS.load(Relaxed),
        counted: samples.map(of).sum(),
        dropped: lost.map(|(_, count)| count).sum::<u64>() - DROPPED_BEFORE.load(Relaxed),
    }
}

/// The minimum number of requests of `on_fresh_threads`: eight threads allocate and free 500 strings each.
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

/// Sets the action of the allocator while telemetry is on, and resets it afterwards.
fn under_init(action: u8) -> Outcome {
    DROPPED_BEFORE.store(counted("").dropped, Relaxed);
    let telemetry = instrumental::init()?;
    ACTION.store(action, Relaxed);
    on_fresh_threads();
    ACTION.store(NOTHING, Relaxed);
    telemetry.flush(Duration::from_secs(20))?;
    Ok(())
}

/// Every request is either counted or dropped.
fn is_exact(metric: &str) {
    let Counted {
        requests,
        counted,
        dropped,
    } = counted(metric);
    assert_eq!(
        counted + dropped,
        requests,
        "{metric}: {counted} and {dropped} dropped"
    );
    assert!(
        counted >= ON_FRESH_THREADS,
        "{metric}: {counted} of {requests}"
    );
    assert!(dropped > 0, "{metric}");
}

/// Every request is counted or dropped. A dropped call is counted as dropped once for each kind of telemetry it has.
fn is_accounted(metric: &str) {
    let Counted {
        requests,
        counted,
        dropped,
    } = counted(metric);
    assert!(
        counted <= requests && counted + dropped >= requests,
        "{metric}: {counted} of {requests}"
    );
    assert!(
        counted >= ON_FRESH_THREADS,
        "{metric}: {counted} of {requests}"
    );
}

fn in_a_test() -> Outcome {
    for action in [COUNTS, LABELS, NUMBERS, CALLS, FIELDS, REPORTS] {
        let (out, seen) = testing::capture(|| {
            ACTION.store(action, Relaxed);
            let out = call_with_fields(Layout::new::<u64>()) + vec![0_u8; 3].len();
            ACTION.store(NOTHING, Relaxed);
            out
        });
        assert_eq!(out, 11);
        assert!(
            seen.spans().any(|span| span.name == "call_with_fields"),
            "{action}: {seen}"
        );
    }
    Ok(())
}

fn main() -> Outcome {
    ACTION.store(NOTHING, Relaxed);
    assert!(
        REQUESTS.swap(0, Relaxed) > 0,
        "the runtime allocates before `main`"
    );
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(40));
        eprintln!("the program hangs");
        std::process::abort();
    });
    match std::env::args().nth(1).as_deref() {
        Some("counter") => under_init(COUNTS).map(|()| is_exact("memory.requests")),
        Some("labelled") => under_init(LABELS).map(|()| is_exact("memory.by_size")),
        Some("numbers") => under_init(NUMBERS).map(|()| is_accounted("memory.sizes")),
        Some("calls") => under_init(CALLS).map(|()| is_accounted("function.duration")),
        Some("fields") => under_init(FIELDS).map(|()| is_accounted("function.duration")),
        Some("reports") => under_init(REPORTS).map(|()| is_accounted("memory.large")),
        Some("capture") => in_a_test(),
        Some("facades") => facades::run(
            &|action| ACTION.store(action, Relaxed),
            &[NOTHING, COUNTS, CALLS, FIELDS],
        ),
        Some("panic_hook") => places::panic_hook(),
        Some("thread_exit") => places::thread_exit(
            &|action| ACTION.store(action, Relaxed),
            &[NOTHING, COUNTS, CALLS, FIELDS],
        ),
        other => Err(format!("no program {other:?}").into()),
    }
}
