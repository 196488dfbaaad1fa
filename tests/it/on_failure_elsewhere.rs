//! Values that are read only when a call fails: in futures, streams and recursion, with values that misbehave, and combined
//! with other options.

use super::on_failure::{
    Failure, Ledger, Order, block_on, capture, consume, failures, outcome, poll_once, text,
};
use futures_core::Stream;
use instrumental::{capture_errors, instrument, traced};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

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
fn futures_and_streams_carry_their_values() {
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
fn other_arguments_are_moved_into_the_future_which_stays_send() {
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

/// Makes an annotated call or panics in `Debug`.
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
    // Each error is reported once, by the innermost function, although formatting a value made annotated calls.
    assert_eq!(
        seen.reports()
            .map(|report| report.function)
            .collect::<Vec<_>>(),
        ["inner", "inner"]
    );
}

#[instrument(skip(token), on_failure(?list), err)]
fn with_instrument(token: &str, list: &[u32], n: u32) -> Result<(), Failure> {
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
fn it_combines_with_other_attributes_and_options() {
    let seen = capture(|| {
        assert!(with_instrument("t", &[1], 1).is_ok());
        assert!(with_instrument("", &[1], 1).is_err());
        assert!(all_but_one(&[1], 0).is_err());
        assert_eq!(located(0, vec![4]), 4);
        assert!(catch_unwind(|| located(1, vec![4])).is_err());
        assert!(Bulk::one(1).is_ok());
        assert!(Bulk::one(0).is_err());
    });
    let with_instrument = seen.spans().find(|span| span.name == "with_instrument");
    assert_eq!(
        with_instrument.map(|span| text(&span.fields)).as_deref(),
        Some("n=1")
    );
    assert_eq!(failures(&seen, "with_instrument"), ["n=1 list=[1]"]);
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
    // One future dropped before its first poll and one before its end, within a call of the same function.
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
