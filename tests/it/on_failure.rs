//! Values that are read only when a call fails.

use instrumental::testing::{self, Seen};
use instrumental::{Outcome, business_event, capture_errors, traced};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

type Ended = Outcome;

#[derive(Debug, PartialEq, Eq, Outcome)]
pub(super) enum Failure {
    #[outcome(server)]
    Ledger,
    #[outcome(expected)]
    NotFound,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for Failure {}

/// Neither `Clone` nor `Copy`; counts how often it is formatted.
struct Request<'a> {
    read: &'a AtomicU32,
    items: Vec<u32>,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read.fetch_add(1, Relaxed);
        write!(f, "{} items", self.items.len())
    }
}

impl<'a> Request<'a> {
    fn new(read: &'a AtomicU32) -> Self {
        Self {
            read,
            items: vec![1, 2, 3],
        }
    }
}

pub(super) fn capture(run: impl FnOnce()) -> Seen {
    testing::capture(run).1
}

pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

pub(super) fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The fields of each span of a function whose outcome is not ok.
pub(super) fn failures(seen: &Seen, function: &str) -> Vec<String> {
    let spans = seen.spans().filter(|span| span.name == function);
    let failed = spans.filter(|span| span.outcome != Some(Ended::Ok));
    failed.map(|span| text(&span.fields)).collect()
}

pub(super) fn text(fields: &[(String, String)]) -> String {
    let fields = fields.iter().map(|(name, value)| format!("{name}={value}"));
    fields.collect::<Vec<_>>().join(" ")
}

fn extra(seen: &Seen) -> Vec<String> {
    seen.reports().map(|report| text(&report.extra)).collect()
}

const GIVEN: &str = "bid=7 request=3 items total=3";

pub(super) fn outcome(fail: u32) -> Result<usize, Failure> {
    match fail {
        0 => Ok(3),
        1 => Err(Failure::Ledger),
        2 => Err(Failure::NotFound),
        _ => panic!("no such outcome"),
    }
}

#[traced(on_failure(bid, ?request, total = request.items.len()))]
#[capture_errors]
fn accepts(bid: u64, request: Request<'_>, fail: u32) -> Result<usize, Failure> {
    outcome(fail)?;
    Ok(request.items.len())
}

#[traced(on_failure(bid, ?request, total = request.items.len()))]
#[capture_errors]
async fn accepts_later(bid: u64, request: Request<'_>, fail: u32) -> Result<usize, Failure> {
    tokio::task::yield_now().await;
    outcome(fail)?;
    Ok(request.items.len())
}

#[test]
fn a_call_that_ends_ok_reads_nothing() {
    let read = AtomicU32::new(0);
    let seen = capture(|| {
        assert_eq!(accepts(7, Request::new(&read), 0).ok(), Some(3));
        let later = block_on(accepts_later(7, Request::new(&read), 0));
        assert_eq!(later.ok(), Some(3));
    });
    assert_eq!(read.load(Relaxed), 0);
    assert!(seen.spans().all(|span| span.fields.is_empty()));
}

#[test]
fn a_failure_carries_its_values_on_its_span_and_in_its_report() {
    let read = AtomicU32::new(0);
    let seen = capture(|| {
        assert!(accepts(7, Request::new(&read), 1).is_err());
        assert!(block_on(accepts_later(7, Request::new(&read), 1)).is_err());
    });
    assert_eq!(failures(&seen, "accepts"), [GIVEN]);
    assert_eq!(failures(&seen, "accepts_later"), [GIVEN]);
    assert_eq!(extra(&seen), [GIVEN, GIVEN]);
    assert_eq!(read.load(Relaxed), 2, "once per call");
}

#[test]
fn an_expected_error_reads_nothing() {
    let read = AtomicU32::new(0);
    let seen = capture(|| {
        assert!(accepts(7, Request::new(&read), 2).is_err());
        assert!(block_on(accepts_later(7, Request::new(&read), 2)).is_err());
    });
    assert_eq!(read.load(Relaxed), 0);
    assert_eq!(failures(&seen, "accepts"), [""]);
}

#[test]
fn a_panic_leaves_its_values_on_its_span() {
    let read = AtomicU32::new(0);
    let seen = capture(|| {
        let call = || accepts(7, Request::new(&read), 3);
        assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
        let call = || block_on(accepts_later(7, Request::new(&read), 3));
        assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    });
    assert_eq!(failures(&seen, "accepts"), [GIVEN]);
    assert_eq!(failures(&seen, "accepts_later"), [GIVEN]);
    let outcome = seen.span("accepts").outcome;
    assert_eq!(outcome, Some(Ended::Panicked));
}

#[test]
fn a_cancelled_call_has_its_values_on_its_span_and_an_unpolled_one_reads_nothing() {
    let read = AtomicU32::new(0);
    let seen = capture(|| {
        drop(accepts_later(7, Request::new(&read), 0));
        assert_eq!(read.load(Relaxed), 0);
        let mut future = Box::pin(accepts_later(7, Request::new(&read), 0));
        assert!(poll_once(future.as_mut()).is_pending());
    });
    assert_eq!(failures(&seen, "accepts_later"), [GIVEN]);
    let outcome = seen.span("accepts_later").outcome;
    assert_eq!(outcome, Some(Ended::Cancelled));
}

struct Slow;

#[traced(slow = "1ms", on_failure(n))]
fn is_slow(n: u32, _slow: Slow) {
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_millis(2 * u64::from(n)) {
        std::hint::spin_loop();
    }
}

#[test]
fn a_slow_call_reads_its_values_for_its_report() {
    let seen = capture(|| is_slow(1, Slow));
    assert_eq!(seen.span("is_slow").field("n"), Some("1"));
    assert_eq!(extra(&seen), ["n=1"]);
}

pub(super) struct Ledger {
    pub(super) id: u32,
    pub(super) entries: Vec<u32>,
}

impl Ledger {
    #[traced(on_failure(self.id, %name))]
    #[capture_errors]
    async fn post(&self, name: &str, fail: bool) -> Result<u32, Failure> {
        tokio::task::yield_now().await;
        if fail {
            Err(Failure::Ledger)
        } else {
            Ok(self.id)
        }
    }

    // The body changes another field than the one that is read.
    #[traced(on_failure(self.id))]
    fn add(&mut self, entry: u32) -> Result<&mut u32, Failure> {
        if entry == 0 {
            return Err(Failure::Ledger);
        }
        self.entries.push(entry);
        self.entries.last_mut().ok_or(Failure::Ledger)
    }

    #[traced(on_failure(entries = self.entries.len()))]
    fn close(self, fail: bool) -> Result<u32, Failure> {
        if fail {
            Err(Failure::Ledger)
        } else {
            Ok(self.id)
        }
    }
}

#[test]
fn parts_of_self_are_read() {
    let ledger = || Ledger {
        id: 4,
        entries: vec![1],
    };
    let seen = capture(|| {
        assert_eq!(block_on(ledger().post("a", false)).ok(), Some(4));
        assert!(block_on(ledger().post("b", true)).is_err());
        assert_eq!(ledger().add(3).map(|last| *last).ok(), Some(3));
        assert!(ledger().add(0).is_err());
        assert_eq!(ledger().close(false).ok(), Some(4));
        assert!(ledger().close(true).is_err());
    });
    assert_eq!(failures(&seen, "Ledger::post"), ["self.id=4 name=b"]);
    assert_eq!(failures(&seen, "Ledger::add"), ["self.id=4"]);
    assert_eq!(failures(&seen, "Ledger::close"), ["entries=1"]);
}

pub(super) fn consume<T>(_: T) {}

#[derive(Clone)]
pub(super) struct Order(pub(super) String);

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[traced(on_failure(?order, clone(order)))]
fn takes(order: Order) -> Result<(), Failure> {
    consume(order);
    Err(Failure::Ledger)
}

#[traced(on_failure(clone(order, note), ?order, %note), fields(first = 1))]
#[capture_errors]
#[business_event("order.lost", note, on = Err(_))]
async fn takes_later(order: Order, note: String) -> Result<(), Failure> {
    tokio::task::yield_now().await;
    consume((order, note));
    Err(Failure::Ledger)
}

#[test]
fn a_value_that_the_body_moves_is_read_from_a_clone() {
    let order = || Order("o".to_owned());
    let seen = capture(|| {
        assert!(takes(order()).is_err());
        assert!(block_on(takes_later(order(), "n".to_owned())).is_err());
    });
    assert_eq!(failures(&seen, "takes"), ["order=o"]);
    let later = "first=1 order=o note=n";
    assert_eq!(failures(&seen, "takes_later"), [later]);
    assert_eq!(seen.event("order.lost").field("note"), Some("n"));
}

/// The part `key` of the logged error report of a process.
fn reported(environment: &[(&str, &str)], key: &str) -> serde_json::Value {
    let output = Command::new(env!("CARGO_BIN_EXE_console"))
        .arg("failures")
        .env_clear()
        .envs([("LOG_FORMAT", "json"), ("SUMMARY", "false")])
        .envs(environment.iter().copied())
        .output();
    let output = String::from_utf8(output.expect("the program runs").stdout).expect("UTF-8");
    let lines = output.lines().filter(|line| line.contains("not_found"));
    let lines: Vec<serde_json::Value> = lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 1, "{output}");
    lines[0][key].clone()
}

#[test]
fn reports_carry_the_values_with_and_without_a_recorded_trace() {
    let recorded = reported(&[], "fields");
    assert_eq!(recorded["bid"], 2);
    let request = recorded["request"].as_str().expect("a text");
    assert!(request.starts_with("a\"b\\c\nERROR forged"), "{request}");
    let sampled_out = ("DD_TRACE_SAMPLE_RATE", "0");
    assert_eq!(reported(&[sampled_out], "fields"), recorded);
    let unrecorded = [sampled_out, ("TRACE_KEEP_NOTABLE", "false")];
    let unrecorded = reported(&unrecorded, "extra");
    assert_eq!(unrecorded["bid"], "2");
    assert_eq!(unrecorded["request"], request);
}
