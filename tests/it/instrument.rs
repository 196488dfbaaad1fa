//! `instrumental::instrument` in place of `tracing::instrument`: a subscriber of the application receives the same calls.

mod grammar;
mod order;

use std::collections::HashMap;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Records the calls of a subscriber in order; spans are numbered by creation.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lines: Vec<String>,
    spans: u64,
    entered: Vec<u64>,
    /// The number of handles of each span that was cloned.
    handles: HashMap<u64, usize>,
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {field}:str={value}");
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        let _ = write!(self.0, " {field}:u64={value}");
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        let _ = write!(self.0, " {field}:i64={value}");
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        let _ = write!(self.0, " {field}:bool={value}");
    }
}

impl Recorder {
    fn note<R>(&self, note: impl FnOnce(&mut State) -> R) -> R {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn described(metadata: &Metadata<'_>) -> String {
    let names: Vec<_> = metadata.fields().iter().map(|field| field.name()).collect();
    format!(
        "{} {}[{}]",
        metadata.level(),
        metadata.target(),
        names.join(",")
    )
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() != "instrumental"
    }
    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = Fields(String::new());
        attributes.record(&mut fields);
        self.note(|state| {
            state.spans += 1;
            let parent = if attributes.is_contextual() {
                state.entered.last().copied().unwrap_or(0)
            } else {
                attributes.parent().map_or(0, Id::into_u64)
            };
            let metadata = attributes.metadata();
            let line = format!(
                "new {} {} {} under {parent}{}",
                state.spans,
                metadata.name(),
                described(metadata),
                fields.0
            );
            state.lines.push(line);
            Id::from_u64(state.spans)
        })
    }
    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        self.note(|state| {
            state
                .lines
                .push(format!("record {}{}", span.into_u64(), fields.0))
        });
    }
    fn record_follows_from(&self, span: &Id, follows: &Id) {
        let line = format!("{} follows {}", span.into_u64(), follows.into_u64());
        self.note(|state| state.lines.push(line));
    }
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        self.note(|state| {
            let within = state.entered.last().copied().unwrap_or(0);
            let level = event.metadata().level();
            let target = event.metadata().target();
            state
                .lines
                .push(format!("event {level} {target} in {within}{}", fields.0));
        });
    }
    fn clone_span(&self, span: &Id) -> Id {
        self.note(|state| *state.handles.entry(span.into_u64()).or_insert(1) += 1);
        span.clone()
    }
    fn try_close(&self, span: Id) -> bool {
        self.note(|state| {
            let handles = state.handles.entry(span.into_u64()).or_insert(1);
            *handles -= 1;
            let is_closed = *handles == 0;
            if is_closed {
                state.lines.push(format!("close {}", span.into_u64()));
            }
            is_closed
        })
    }
    fn enter(&self, span: &Id) {
        self.note(|state| {
            state.entered.push(span.into_u64());
            state.lines.push(format!("enter {}", span.into_u64()));
        });
    }
    fn exit(&self, span: &Id) {
        self.note(|state| {
            let at = state
                .entered
                .iter()
                .rposition(|open| *open == span.into_u64());
            at.map(|at| state.entered.remove(at));
            state.lines.push(format!("exit {}", span.into_u64()));
        });
    }
}

/// What a subscriber receives from the same functions under the given attribute.
macro_rules! recorded {
    ($instrument:path) => {{
        use $instrument as instrument;

        #[instrument]
        fn plain(a: u32, b: &str, c: Option<u8>, (d, _e): (i64, u8)) -> u32 {
            tracing::info!(inside = true);
            a + b.len() as u32 + u32::from(c.unwrap_or(0)) + d as u32
        }
        #[instrument(skip(b), fields(z = a + 1, text = %b, list = ?[1, 2], later = tracing::field::Empty))]
        fn fields(a: u32, b: &str) {
            let _ = (a, b);
        }
        #[instrument(skip_all, name = "renamed", level = "debug", target = "elsewhere")]
        fn renamed(_a: u32) {
            plain(1, "x", None, (2, 3));
        }
        #[instrument(level = 1)]
        fn by_number() {}
        #[instrument(err)]
        fn fails(a: u32) -> Result<u32, std::num::ParseIntError> {
            if a > 0 { "x".parse() } else { Ok(a) }
        }
        #[instrument(err(Debug, level = "warn"), ret)]
        fn fails_debug(a: bool) -> Result<u32, String> {
            if a { Err("debugged".into()) } else { Ok(3) }
        }
        #[instrument(ret(Display), skip_all)]
        fn returns(a: u32) -> u32 {
            a
        }
        #[instrument(parent = None)]
        fn rootless() {}
        #[instrument(parent = span, skip(span))]
        fn child(span: &tracing::Span) {
            let _ = span;
        }
        #[instrument(follows_from = [span], skip(span))]
        fn follower(span: &tracing::Span) {
            let _ = span;
        }
        #[instrument(err, fields(kind = "async"))]
        async fn waits(a: u64) -> Result<u64, std::fmt::Error> {
            tokio::task::yield_now().await;
            tracing::warn!("woken");
            if a > 1 { Err(std::fmt::Error) } else { Ok(a) }
        }
        #[derive(Debug)]
        struct Service;
        impl Service {
            #[instrument]
            fn method(&self, a: u8) {
                let _ = a;
            }
            #[instrument(skip(self))]
            async fn asynchronous(&self) {
                self.method(1);
            }
        }

        let recorder = Recorder::default();
        tracing::subscriber::with_default(recorder.clone(), || {
            plain(1, "ab", Some(2), (3, 4));
            fields(1, "b");
            renamed(1);
            by_number();
            let _ = (fails(0), fails(1), fails_debug(true), fails_debug(false));
            returns(7);
            let span = tracing::info_span!("outer");
            span.in_scope(|| {
                rootless();
                child(&tracing::info_span!("given"));
                follower(&span);
                let runtime = tokio::runtime::Builder::new_current_thread().build();
                runtime.expect("a runtime").block_on(async {
                    let _ = (waits(1).await, waits(2).await);
                    Service.asynchronous().await;
                });
            });
        });
        recorder.note(|state| state.lines.clone())
    }};
}

/// The forms of X22, which `tracing::instrument` rejects, changes or does not recognize.
mod forms {
    use instrumental::instrument;
    use std::cell::RefCell;
    use std::ops::ControlFlow;
    use std::panic::Location;
    use std::task::Poll;

    #[instrument]
    pub(super) fn never() -> ! {
        panic!("on purpose")
    }
    #[instrument(skip_all)]
    pub(super) fn borrows(text: RefCell<String>) -> usize {
        text.borrow().len()
    }
    // With `err` it is rejected: see `ui/fn_track_caller_err.rs`.
    #[instrument]
    #[track_caller]
    pub(super) fn located() -> Result<u32, String> {
        Ok(Location::caller().line())
    }
    #[instrument(err)]
    pub(super) fn polls() -> Poll<Result<u32, String>> {
        Poll::Ready(Err("polled".into()))
    }
    #[instrument]
    pub(super) fn breaks() -> ControlFlow<std::fmt::Error> {
        ControlFlow::Break(std::fmt::Error)
    }
    #[instrument]
    pub(super) async fn waits() {
        std::future::pending::<()>().await;
    }
}

#[test]
fn x22_every_form_compiles_and_has_an_outcome() {
    use std::task::{Context, Waker};
    let ((), seen) = instrumental::testing::capture(|| {
        assert!(std::panic::catch_unwind(|| forms::never()).is_err());
        assert_eq!(forms::borrows("four".to_owned().into()), 4);
        assert_eq!(forms::located(), Ok(line!()));
        assert!(forms::polls().is_ready() && forms::breaks().is_break());
        let mut waits = Box::pin(forms::waits());
        let polled = waits.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
    });
    let tree: Vec<_> = seen.tree().lines().map(str::to_owned).collect();
    let expected = [
        "never panicked",
        "borrows ok",
        "located ok",
        "polls error(String)",
        "breaks error(fmt::Error)",
        "waits cancelled",
    ];
    assert_eq!(tree, expected);
}

fn assert_same(theirs: &[String], ours: &[String]) {
    let pairs = theirs.iter().zip(ours);
    let differing: Vec<_> = pairs.filter(|(theirs, ours)| theirs != ours).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert_eq!(theirs.len(), ours.len(), "{ours:#?}");
}

#[test]
fn a_subscriber_receives_the_same_from_the_drop_in() {
    let theirs = recorded!(tracing::instrument);
    assert!(theirs.len() > 25, "{theirs:#?}");
    assert_same(&theirs, &recorded!(instrumental::instrument));
}
