//! Values that are read when a call fails, and only then.

use futures_core::Stream;
use instrumental::testing::{self, Seen};
use instrumental::{Outcome, business_event, capture_errors, instrument, traced};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

type Ended = Outcome;

#[derive(Debug, PartialEq, Eq, Outcome)]
enum Failure {
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

/// Neither `Clone` nor `Copy`; counts how often it was read.
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

fn capture(run: impl FnOnce()) -> Seen {
    testing::capture(run).1
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The fields of each span of a function that did not end ok.
fn failures(seen: &Seen, function: &str) -> Vec<String> {
    let spans = seen.spans().filter(|span| span.name == function);
    let failed = spans.filter(|span| span.outcome != Some(Ended::Ok));
    failed.map(|span| text(&span.fields)).collect()
}

fn text(fields: &[(String, String)]) -> String {
    let fields = fields.iter().map(|(name, value)| format!("{name}={value}"));
    fields.collect::<Vec<_>>().join(" ")
}

fn extra(seen: &Seen) -> Vec<String> {
    seen.reports().map(|report| text(&report.extra)).collect()
}

const GIVEN: &str = "bid=7 request=3 items total=3";

fn outcome(fail: u32) -> Result<usize, Failure> {
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
    assert_eq!(read.load(Relaxed), 2, "once a call");
}

#[test]
fn an_error_that_is_no_failure_reads_nothing() {
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
fn a_cancelled_call_leaves_its_values_on_its_span_and_one_that_never_ran_none() {
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

struct Ledger {
    id: u32,
    entries: Vec<u32>,
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

    // What the body changes is another part than what is read.
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

fn consume<T>(_: T) {}

#[derive(Clone)]
struct Order(String);

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
fn what_the_body_takes_is_read_from_a_clone() {
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

#[traced(on_failure(id))]
fn boxed(id: &u32, fail: bool) -> Pin<Box<dyn Future<Output = Result<u32, Failure>> + Send + '_>> {
    Box::pin(async move {
        tokio::task::yield_now().await;
        if fail { Err(Failure::Ledger) } else { Ok(*id) }
    })
}

#[traced(on_failure(id))]
fn opaque(id: u32, fail: u32) -> impl Future<Output = Result<usize, Failure>> {
    assert!(fail != 4, "at once");
    async move {
        tokio::task::yield_now().await;
        outcome(fail)
    }
}

#[traced(on_failure(id))]
fn streams(id: u32) -> impl Stream<Item = Result<u32, Failure>> {
    futures_util::stream::iter([Ok(1), Err(Failure::Ledger), Ok(id)])
}

#[async_trait::async_trait]
trait Store {
    async fn put(&self, id: u32, order: Order) -> Result<u32, Failure>;
}

#[async_trait::async_trait]
impl Store for Ledger {
    #[traced(on_failure(id, self.id, ?order, clone(order)))]
    async fn put(&self, id: u32, order: Order) -> Result<u32, Failure> {
        tokio::task::yield_now().await;
        consume((order, id));
        Err(Failure::Ledger)
    }
}

#[test]
fn what_runs_later_carries_its_values() {
    let seen = capture(|| {
        assert!(block_on(boxed(&9, true)).is_err());
    });
    assert_eq!(failures(&seen, "boxed"), ["id=9"]);
    for fail in [1, 3, 4] {
        let seen = capture(|| {
            let call = || block_on(opaque(9, fail)).is_err();
            assert!(catch_unwind(AssertUnwindSafe(call)).unwrap_or(true));
        });
        assert_eq!(failures(&seen, "opaque"), ["id=9"], "{fail}");
    }
    let seen = capture(|| {
        let mut stream = pin!(streams(9));
        let mut cx = Context::from_waker(Waker::noop());
        while stream.as_mut().poll_next(&mut cx) != Poll::Ready(None) {}
    });
    assert_eq!(failures(&seen, "streams"), ["id=9"]);
    let ledger = Ledger {
        id: 4,
        entries: vec![],
    };
    let seen = capture(|| {
        assert!(block_on(ledger.put(9, Order("o".to_owned()))).is_err());
        let mut cancelled = ledger.put(8, Order("p".to_owned()));
        assert!(poll_once(cancelled.as_mut()).is_pending());
    });
    let (lost, cancelled) = ("id=9 self.id=4 order=o", "id=8 self.id=4 order=p");
    assert_eq!(failures(&seen, "Ledger::put"), [lost, cancelled]);
}

#[traced(on_failure(n))]
async fn owns(
    n: u32,
    mut cell: std::cell::Cell<u32>,
    own: std::cell::Cell<u32>,
) -> Result<u32, Failure> {
    tokio::task::yield_now().await;
    *cell.get_mut() += own.get();
    if n == 0 {
        Err(Failure::Ledger)
    } else {
        Ok(cell.get())
    }
}

#[test]
fn what_is_not_read_is_owned_by_the_future_which_stays_send() {
    fn send<F: Future + Send>(future: F) -> F {
        future
    }
    let seen = capture(|| {
        assert!(block_on(send(owns(0, 1.into(), 2.into()))).is_err());
        assert_eq!(block_on(send(owns(1, 1.into(), 2.into()))).ok(), Some(3));
    });
    assert_eq!(failures(&seen, "owns"), ["n=0"]);
}

#[traced]
#[capture_errors]
fn inner() -> Result<(), Failure> {
    Err(Failure::Ledger)
}

/// Fails within, or panics, when it is shown.
struct Evil(bool);

impl fmt::Debug for Evil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(self.0, "in Debug");
        let shown = if is_quiet().is_ok() { "quiet" } else { "loud" };
        f.write_str(shown)
    }
}

#[traced]
fn is_quiet() -> Result<(), Failure> {
    Ok(())
}

#[traced(on_failure(?evil, second = 2))]
#[capture_errors]
fn passes_on(evil: &Evil) -> Result<(), Failure> {
    inner()
}

#[test]
fn a_value_whose_code_runs_annotated_calls_or_panics_changes_nothing() {
    let seen = capture(|| {
        assert_eq!(passes_on(&Evil(true)), Err(Failure::Ledger));
        assert_eq!(passes_on(&Evil(false)), Err(Failure::Ledger));
    });
    assert_eq!(
        failures(&seen, "passes_on"),
        ["evil=quiet second=2", "evil=<panicked> second=2"]
    );
    // Of the innermost function, each time: that a value's code ran an annotated call does not make it new.
    assert_eq!(
        seen.reports()
            .map(|report| report.function)
            .collect::<Vec<_>>(),
        ["inner", "inner"]
    );
}

#[instrument(skip(token), on_failure(?list), err)]
fn stands_in(token: &str, list: &[u32], n: u32) -> Result<(), Failure> {
    if token.is_empty() {
        Err(Failure::Ledger)
    } else {
        Ok(())
    }
}

#[traced(args, on_failure(?list))]
fn all_but_one(list: &[u32], n: u32) -> Result<(), Failure> {
    if list.is_empty() || n == 0 {
        Err(Failure::Ledger)
    } else {
        Ok(())
    }
}

#[traced(on_failure(n, ?list))]
#[track_caller]
fn located(n: u32, list: Vec<u32>) -> u32 {
    list[n as usize]
}

struct Bulk;

#[traced(slow = "1h")]
impl Bulk {
    #[traced(on_failure(n))]
    #[capture_errors]
    fn one(n: u32) -> Result<(), Failure> {
        if n == 0 { Err(Failure::Ledger) } else { Ok(()) }
    }
}

#[test]
fn it_stands_beside_what_records_arguments_and_measures_otherwise() {
    let seen = capture(|| {
        assert!(stands_in("t", &[1], 1).is_ok());
        assert!(stands_in("", &[1], 1).is_err());
        assert!(all_but_one(&[1], 0).is_err());
        assert_eq!(located(0, vec![4]), 4);
        assert!(catch_unwind(|| located(1, vec![4])).is_err());
        assert!(Bulk::one(1).is_ok());
        assert!(Bulk::one(0).is_err());
    });
    let stands_in = seen.spans().find(|span| span.name == "stands_in");
    assert_eq!(
        stands_in.map(|span| text(&span.fields)).as_deref(),
        Some("n=1")
    );
    assert_eq!(failures(&seen, "stands_in"), ["n=1 list=[1]"]);
    assert_eq!(failures(&seen, "all_but_one"), ["n=0 list=[1]"]);
    assert_eq!(failures(&seen, "located"), ["n=1 list=[4]"]);
    assert_eq!(failures(&seen, "Bulk::one"), ["n=0"]);
}

#[traced(on_failure(n))]
async fn recurses(n: u32) -> Result<(), Failure> {
    tokio::task::yield_now().await;
    if n == 0 {
        return Err(Failure::Ledger);
    }
    // Dropped unpolled, and dropped unfinished, within another call of the same function.
    drop(recurses(n + 10));
    let mut cancelled = Box::pin(recurses(n + 20));
    assert!(poll_once(cancelled.as_mut()).is_pending());
    drop(cancelled);
    Box::pin(recurses(n - 1)).await
}

#[test]
fn each_call_of_a_recursion_has_its_own_values() {
    let seen = capture(|| {
        assert!(block_on(recurses(2)).is_err());
    });
    let mut values = failures(&seen, "recurses");
    values.sort();
    assert_eq!(values, ["n=0", "n=1", "n=2", "n=21", "n=22"]);
}

/// What a process that fails says of its error, there in the line of its report.
fn reported(environment: &[(&str, &str)], place: &str) -> serde_json::Value {
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
    lines[0][place].clone()
}

#[test]
fn reports_of_a_process_carry_the_values_whether_or_not_the_trace_is_recorded() {
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
