//! When spans begin, are entered and end: of calls that are dropped, that unwind, and of what runs later.

use super::{Recorder, same};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Tells when it is dropped.
#[derive(Debug)]
struct Told(&'static str);

impl Drop for Told {
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
        fn plain(a: Told, _b: Told) {
            let _inner = Told("local");
            drop(a);
        }
        #[instrument(err, skip_all)]
        fn fallible(a: Told, _b: Told) -> Result<u8, String> {
            let _inner = Told("local");
            drop(a);
            Err("told".to_owned())
        }
        #[instrument(ret)]
        fn unwinds(a: Told) -> u8 {
            let _inner = Told("local");
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
        async fn waits(a: Told, _b: Told) -> u8 {
            let _inner = Told("local");
            once().await;
            drop(a);
            1
        }
        #[instrument(ret, err(Debug), skip_all)]
        async fn waits_and_tells(_a: Told, fails: bool) -> Result<u8, String> {
            once().await;
            if fails { Err("told".to_owned()) } else { Ok(3) }
        }
        #[instrument(fields(x = ready(1).await))]
        async fn field_waits(by: u8) -> u8 {
            once().await;
            by
        }
        #[instrument(skip_all)]
        async fn poll_unwinds(a: Told) -> u8 {
            once().await;
            panic!("on purpose: {a:?}")
        }
        #[instrument]
        async fn outer(deep: bool) {
            if deep {
                waits(Told("a"), Told("b")).await;
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
                if a > 1 { Err("told".to_owned()) } else { Ok(a) }
            })
        }
        #[instrument]
        fn opaque(a: u8) -> impl Future<Output = u8> {
            let held = Told("held");
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
            let _ = (plain(Told("a"), Told("b")), fallible(Told("a"), Told("b")));
            assert!(catch_unwind(|| unwinds(Told("a"))).is_err());
            assert!(catch_unwind(|| field_unwinds(1)).is_err());
            let _ = (field_returns("x"), field_returns("1"));
            finish(waits(Told("a"), Told("b")));
            drop(waits(Told("unpolled"), Told("b")));
            let mut cancelled = Box::pin(waits(Told("cancelled"), Told("b")));
            assert!(poll(cancelled.as_mut()).is_pending());
            drop(cancelled);
            let _ = finish(waits_and_tells(Told("a"), true));
            let _ = finish(waits_and_tells(Told("a"), false));
            finish(field_waits(2));
            assert!(catch_unwind(AssertUnwindSafe(|| finish(poll_unwinds(Told("a"))))).is_err());
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

/// Without what is told by `Drop`: arguments are dropped in the order of the plain function, and those that the body does
/// not take within the call, where `tracing` has left its span.
fn but_drops(mut lines: Vec<String>) -> Vec<String> {
    lines.retain(|line| !line.contains(" dropped:str="));
    lines
}

#[test]
fn f05_spans_begin_are_entered_and_end_as_under_tracing() {
    let theirs = but_drops(ordered!(tracing::instrument));
    assert!(theirs.len() > 100, "{theirs:#?}");
    same(&theirs, &but_drops(ordered!(instrumental::instrument)));
}
