//! How calls end and what they record: the requirements a01 to a22.

use futures_core::Stream;
use instrumental::{Classified, ErrorKind, Outcome, capture_errors, testing, traced};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) &'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {}", self.0)
    }
}

impl std::error::Error for Refused {}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[traced]
pub(super) fn maybe(fail: bool) -> Option<u32> {
    (!fail).then_some(1)
}

#[allow(clippy::never_loop)]
#[traced]
fn returns_early(way: u32) -> Result<u32, std::num::ParseIntError> {
    if way == 0 {
        return Ok(10);
    }
    let parsed = loop {
        if way == 1 {
            break "x".parse::<u32>()?;
        }
        break 30;
    };
    Ok(parsed)
}

#[test]
fn a01_every_exit_path_is_one_call() {
    for (way, value) in [(0, Ok(10)), (1, Err(())), (2, Ok(30))] {
        let (out, seen) = testing::capture(|| returns_early(way));
        assert_eq!(out.map_err(|_| ()), value);
        assert_eq!(seen.spans().count(), 1);
        assert_eq!(seen.histogram("function.duration", &[]).0, 1);
        assert_eq!(seen.span("returns_early").error.is_empty(), value.is_ok());
    }
}

#[traced]
#[capture_errors]
async fn waits() -> Result<(), Refused> {
    std::future::pending::<()>().await;
    Ok(())
}

#[test]
fn a06_a_timeout_cancels() {
    let began = std::time::Instant::now();
    let (out, seen) = block_on(testing::capture_async(async {
        tokio::time::timeout(Duration::from_millis(20), waits()).await
    }));
    let elapsed = began.elapsed();
    assert!(out.is_err());
    let span = seen.span("waits");
    assert_eq!((span.outcome, span.error), (Some(Outcome::Cancelled), ""));
    assert!(!span.duration.is_zero() && span.duration <= elapsed.mul_f64(1.05));
    let labels = [("function", "waits"), ("outcome", "cancelled")];
    assert_eq!(seen.histogram("function.duration", &labels).0, 1);
    assert_eq!(seen.reports().count(), 0);
    assert!(!seen.has("function.errors", &[]));
}

#[test]
fn a06_select_and_abort_cancel() {
    let ((), seen) = block_on(testing::capture_async(async {
        tokio::select! {
            _ = waits() => {}
            () = tokio::task::yield_now() => {}
        }
        let task = instrumental::spawn(waits());
        tokio::task::yield_now().await;
        task.abort();
        assert!(task.await.is_err());
    }));
    let cancelled = seen
        .spans()
        .filter(|span| span.outcome == Some(Outcome::Cancelled));
    assert_eq!(cancelled.count(), 2);
}

#[test]
fn a07_an_unpolled_future_is_no_call_and_a_finished_one_is_one() {
    let ((), seen) = testing::capture(|| {
        drop(waits());
        drop(lazy(1));
        let mut done = Box::pin(asynchronous());
        assert!(poll_once(done.as_mut()).is_ready());
        drop(done);
    });
    assert_eq!(seen.tree(), "asynchronous ok");
    assert_eq!(seen.gauge("function.in_flight", &[]), 0.0);
    assert_eq!(seen.histogram("function.duration", &[]).0, 1);
}

#[test]
fn a07_a_forgotten_future_does_not_affect_later_calls() {
    let ((), seen) = testing::capture(|| {
        let mut half = Box::pin(waits());
        assert!(poll_once(half.as_mut()).is_pending());
        std::mem::forget(half);
        let _ = maybe(false);
    });
    assert_eq!(seen.span("maybe").parent_id, 0);
}

#[traced]
async fn asynchronous() -> u32 {
    3
}

#[traced(x, in_flight)]
fn lazy(x: u32) -> impl Future<Output = u32> {
    async move { x }
}

#[traced(x)]
fn eager(x: u32) -> impl Future<Output = Result<u32, Refused>> {
    maybe(false);
    async move {
        maybe(false);
        if x > 0 { Err(Refused("late")) } else { Ok(x) }
    }
}

#[traced]
fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<usize, Refused>> + Send + 'a>> {
    Box::pin(async move {
        tokio::task::yield_now().await;
        if text.is_empty() {
            Err(Refused("empty"))
        } else {
            Ok(text.len())
        }
    })
}

#[test]
fn a10_returned_futures_are_measured_to_their_end() {
    let ((), seen) = block_on(testing::capture_async(async {
        assert!(eager(1).await.is_err());
        assert_eq!(boxed("four").await, Ok(4));
        assert!(boxed("").await.is_err());
    }));
    assert_eq!(
        seen.tree(),
        "eager x=1 error(Refused)\n├─ maybe ok\n└─ maybe ok\nboxed ok\nboxed error(Refused)"
    );
}

struct Countdown(u32);

impl Stream for Countdown {
    type Item = u32;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or(0);
        Poll::Ready(left)
    }
}

#[traced]
fn streams(items: u32) -> impl Stream<Item = u32> {
    Countdown(items)
}

#[test]
fn a12_a_stream_ends_with_its_last_item_or_is_cancelled() {
    let ((), seen) = testing::capture(|| {
        let mut context = Context::from_waker(Waker::noop());
        let mut all = pin!(streams(3));
        while let Poll::Ready(Some(_)) = all.as_mut().poll_next(&mut context) {}
        let mut half = Box::pin(streams(3));
        assert!(half.as_mut().poll_next(&mut context).is_ready());
    });
    assert_eq!(seen.tree(), "streams ok\nstreams cancelled");
}

#[traced]
#[capture_errors]
fn panics(with: u32) -> Result<u32, Refused> {
    match with {
        0 => panic!("a text"),
        1 => panic!("a number {with}"),
        _ => panic_any(Refused("payload")),
    }
}

#[test]
fn a08_the_payload_of_a_panic_is_kept() {
    let (payloads, seen) = testing::capture(|| {
        (0..3)
            .map(|with| catch_unwind(|| panics(with)).expect_err("a panic"))
            .collect::<Vec<_>>()
    });
    assert_eq!(payloads[0].downcast_ref::<&str>(), Some(&"a text"));
    assert_eq!(
        payloads[1].downcast_ref::<String>().map(String::as_str),
        Some("a number 1")
    );
    assert_eq!(
        payloads[2].downcast_ref::<Refused>(),
        Some(&Refused("payload"))
    );
    let labels = [("function", "panics"), ("outcome", "panicked")];
    assert_eq!(seen.histogram("function.duration", &labels).0, 3);
    assert_eq!(seen.counter("function.errors", &[("error", "panic")]), 3);
}

struct CallsWhenDropped;

impl Drop for CallsWhenDropped {
    fn drop(&mut self) {
        let _ = maybe(false);
    }
}

#[traced]
async fn panics_late() {
    let _on_drop = CallsWhenDropped;
    tokio::task::yield_now().await;
    panic!("late");
}

#[test]
fn a09_a_call_while_unwinding_does_not_abort() {
    let (caught, seen) = testing::capture(|| {
        catch_unwind(AssertUnwindSafe(|| {
            let _on_drop = CallsWhenDropped;
            let _ = panics(0);
        }))
    });
    assert!(caught.is_err());
    assert_eq!(seen.tree(), "panics panicked\nmaybe ok");
    let (caught, seen) =
        testing::capture(|| catch_unwind(AssertUnwindSafe(|| block_on(panics_late()))));
    assert!(caught.is_err());
    assert_eq!(seen.tree(), "panics_late panicked\n└─ maybe ok");
}

#[traced]
async fn holds() {
    let _on_drop = CallsWhenDropped;
    std::future::pending::<()>().await;
}

#[test]
fn a_dropped_future_drops_its_locals_within_its_call() {
    let ((), seen) = testing::capture(|| {
        let mut future = Box::pin(holds());
        assert!(poll_once(future.as_mut()).is_pending());
    });
    assert_eq!(seen.tree(), "holds cancelled\n└─ maybe ok");
}

/// Must not be cloned or formatted.
struct Unclonable(Box<u32>);

impl fmt::Debug for Unclonable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("formatted without a request")
    }
}

#[traced]
#[capture_errors(ignore(Unclonable(_)))]
fn hands_back(value: Box<u32>) -> Result<u32, Unclonable> {
    Err(Unclonable(value))
}

#[test]
fn a16_nothing_is_recorded_unless_named() {
    let (_, seen) = testing::capture(|| hands_back(Box::new(4711)));
    assert!(seen.span("hands_back").fields.is_empty());
    assert!(!format!("{seen:?}").contains("4711"));
}

#[test]
fn a20_the_error_is_returned_unchanged() {
    let value = Box::new(7);
    let address = &raw const *value;
    let (out, _) = testing::capture(|| hands_back(value));
    let Err(Unclonable(back)) = out else {
        panic!("an error")
    };
    assert_eq!(&raw const *back, address);
}

#[derive(Debug)]
struct Endless;

impl fmt::Display for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("endless")
    }
}

impl std::error::Error for Endless {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&Endless)
    }
}

#[traced]
#[capture_errors]
fn fails_endlessly() -> Result<(), Endless> {
    Err(Endless)
}

#[test]
fn a21_an_endless_chain_of_sources_is_cut() {
    let (_, seen) = testing::capture(fails_endlessly);
    assert_eq!(seen.report("Endless").chain.len(), 20);
}

/// Errors of a shop.
#[derive(Debug, instrumental::Outcome)]
enum ShopError {
    #[outcome(expected)]
    NotFound,
    #[outcome(client, http = 402)]
    Declined,
    #[outcome(fatal, page)]
    Ledger,
}

#[traced]
#[capture_errors]
fn shops(error: ShopError) -> Result<(), ShopError> {
    Err(error)
}

#[test]
fn the_class_of_an_error_decides_whether_it_is_reported() {
    let (_, seen) = testing::capture(|| {
        let _ = (
            shops(ShopError::NotFound),
            shops(ShopError::Declined),
            shops(ShopError::Ledger),
        );
    });
    let reports: Vec<_> = seen
        .reports()
        .map(|report| (report.label, report.level.as_str()))
        .collect();
    assert_eq!(reports, [("ledger", "fatal")]);
    for label in ["not_found", "declined", "ledger"] {
        assert_eq!(
            seen.counter("function.errors", &[("error", label)]),
            1,
            "{label}"
        );
    }
    assert_eq!(ShopError::Declined.class().status(), 402);
    assert_eq!(ShopError::Ledger.class().kind, ErrorKind::Fatal);
}
