//! When spans are created, entered and closed, for calls that complete, unwind, are dropped or run later.

use super::{Recorder, assert_same};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Logs its drop.
#[derive(Debug)]
struct LogsDrop(&'static str);

impl Drop for LogsDrop {
    fn drop(&mut self) {
        tracing::info!(dropped = self.0);
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(out) = poll(future.as_mut()) {
            return out;
        }
    }
}

async fn once() {
    let mut is_ready = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut is_ready, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

macro_rules! ordered {
    ($instrument:path) => {{
        use $instrument as instrument;

        #[instrument(skip_all)]
        fn plain(a: LogsDrop, _b: LogsDrop) {
            let _inner = LogsDrop("local");
            drop(a);
        }
        #[instrument(err, skip_all)]
        fn fallible(a: LogsDrop, _b: LogsDrop) -> Result<u8, String> {
            let _inner = LogsDrop("local");
            drop(a);
            Err("failed".to_owned())
        }
        #[instrument(ret)]
        fn unwinds(a: LogsDrop) -> u8 {
            let _inner = LogsDrop("local");
            panic!("on purpose: {a:?}")
        }
        #[instrument(fields(x = evaluates(a)), skip_all)]
        fn field_unwinds(a: u8) -> u8 {
            a
        }
        #[instrument(fields(x = text.parse::<u8>()?))]
        fn field_returns(text: &str) -> Result<u8, std::num::ParseIntError> {
            text.parse()
        }
        #[instrument(skip_all)]
        async fn waits(a: LogsDrop, _b: LogsDrop) -> u8 {
            let _inner = LogsDrop("local");
            once().await;
            drop(a);
            1
        }
        #[instrument(ret, err(Debug), skip_all)]
        async fn waits_and_reports(_a: LogsDrop, fails: bool) -> Result<u8, String> {
            once().await;
            if fails {
                Err("failed".to_owned())
            } else {
                Ok(3)
            }
        }
        #[instrument(fields(x = ready(1).await))]
        async fn field_waits(by: u8) -> u8 {
            once().await;
            by
        }
        #[instrument(skip_all)]
        async fn poll_unwinds(a: LogsDrop) -> u8 {
            once().await;
            panic!("on purpose: {a:?}")
        }
        #[instrument]
        async fn outer(deep: bool) {
            if deep {
                waits(LogsDrop("a"), LogsDrop("b")).await;
            }
            tracing::info!("after");
        }
        #[instrument(follows_from = causes, parent = &root, skip_all)]
        async fn related(root: tracing::Span, causes: Vec<tracing::Span>) {
            once().await;
            drop(root);
        }
        #[instrument(follows_from = [tracing::Span::current()], fields(x = 1))]
        fn follows_the_current() {}
        #[instrument(err)]
        fn boxed(a: u8) -> Pin<Box<dyn Future<Output = Result<u8, String>>>> {
            tracing::info!("made");
            Box::pin(async move {
                tracing::info!("polled");
                once().await;
                if a > 1 {
                    Err("failed".to_owned())
                } else {
                    Ok(a)
                }
            })
        }
        #[instrument]
        fn opaque(a: u8) -> impl Future<Output = u8> {
            let held = LogsDrop("held");
            async move {
                let _held = held;
                once().await;
                a
            }
        }
        trait Served {
            fn serve(&mut self, by: u8) -> Pin<Box<dyn Future<Output = u8> + Send + '_>>;
        }
        #[derive(Debug)]
        struct Service(u8);
        impl Served for Service {
            #[instrument(ret, fields(at = self.0))]
            fn serve(&mut self, by: u8) -> Pin<Box<dyn Future<Output = u8> + Send + '_>> {
                Box::pin(async move {
                    self.0 += by;
                    self.0
                })
            }
        }

        let recorder = Recorder::default();
        tracing::subscriber::with_default(recorder.clone(), || {
            let _ = (
                plain(LogsDrop("a"), LogsDrop("b")),
                fallible(LogsDrop("a"), LogsDrop("b")),
            );
            assert!(catch_unwind(|| unwinds(LogsDrop("a"))).is_err());
            assert!(catch_unwind(|| field_unwinds(1)).is_err());
            let _ = (field_returns("x"), field_returns("1"));
            finish(waits(LogsDrop("a"), LogsDrop("b")));
            drop(waits(LogsDrop("unpolled"), LogsDrop("b")));
            let mut cancelled = Box::pin(waits(LogsDrop("cancelled"), LogsDrop("b")));
            assert!(poll(cancelled.as_mut()).is_pending());
            drop(cancelled);
            let _ = finish(waits_and_reports(LogsDrop("a"), true));
            let _ = finish(waits_and_reports(LogsDrop("a"), false));
            finish(field_waits(2));
            assert!(
                catch_unwind(AssertUnwindSafe(|| finish(poll_unwinds(LogsDrop("a"))))).is_err()
            );
            finish(outer(true));
            let span = tracing::info_span!("given");
            let cause = tracing::info_span!("cause");
            finish(related(span.clone(), vec![cause.clone(), span]));
            cause.in_scope(follows_the_current);
            let made = cause.in_scope(|| boxed(1));
            let _ = (finish(made), finish(boxed(2)), boxed(3));
            let made = cause.in_scope(|| opaque(1));
            let _ = (finish(made), opaque(2));
            let _ = finish(Service(1).serve(2));
        });
        recorder.note(|state| state.lines.clone())
    }};
}

fn evaluates(a: u8) -> u8 {
    assert_eq!(a, 0, "on purpose");
    a
}

async fn ready(a: u8) -> u8 {
    a
}

/// Removes the lines of `LogsDrop`: we drop arguments in the order of the plain function and within the call, but `tracing`
/// drops those that the body does not move after it has exited the span.
fn without_drops(mut lines: Vec<String>) -> Vec<String> {
    lines.retain(|line| !line.contains(" dropped:str="));
    lines
}

#[test]
fn f05_spans_are_created_entered_and_closed_as_under_tracing() {
    let theirs = without_drops(ordered!(tracing::instrument));
    assert!(theirs.len() > 100, "{theirs:#?}");
    assert_same(&theirs, &without_drops(ordered!(instrumental::instrument)));
}
