//! `testing::capture`: it receives all telemetry of a closure or future, and no other receiver does.

use instrumental::{
    InCurrentCall, Label, Level, LostReason, Outcome, User, breadcrumb, business_event,
    capture_error, capture_errors, capture_message, catalog, set_tag, set_user, testing, traced,
};
use instrumental_tests::facades;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

#[derive(Debug, Label)]
enum Refused {
    NotFound(u32),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::NotFound(id) = self;
        write!(f, "contract {id} is not there")
    }
}

impl std::error::Error for Refused {}

#[catalog]
mod testing_capture {
    /// Releases requested.
    pub fn requested(urgent: bool) -> Counter;
    /// Releases under way.
    pub fn under_way() -> Gauge;
    /// How long they waited.
    pub fn waited() -> Histogram<Seconds>;
}

/// Money left escrow.
#[business_event("testing_capture.released")]
struct Released {
    id: u32,
    #[measure(usd)]
    amount: f64,
}

pub(super) struct Service;

#[traced]
impl Service {
    #[traced(id)]
    #[capture_errors]
    fn release(&self, id: u32) -> Result<u32, Refused> {
        testing_capture::requested(id > 5).increment(2);
        self.read();
        Released { id, amount: 12.5 }.emit();
        if id == 7 {
            Err(Refused::NotFound(id))
        } else {
            Ok(id)
        }
    }

    pub(super) fn read(&self) {
        tracing::info!(rows = 3, "read");
    }
}

#[traced]
async fn waits() {
    std::future::pending::<()>().await;
}

#[traced]
async fn gives_up() {
    let mut waiting = pin!(waits());
    std::future::poll_fn(|cx| {
        assert!(waiting.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

#[test]
fn a_tree_has_calls_fields_outcomes_and_events() {
    let (result, seen) = testing::capture(|| Service.release(7));
    assert!(result.is_err());
    let tree = "Service::release id=7 error(not_found)\n\
                ├─ Service::read ok\n\
                └─ • testing_capture.released id=7 amount=12.5";
    assert_eq!(seen.tree(), tree);
    let (release, read) = (seen.span("Service::release"), seen.span("Service::read"));
    assert_eq!(
        (release.outcome, release.error),
        (Some(Outcome::Error), "not_found")
    );
    assert_eq!(release.field("id"), Some("7"));
    assert_eq!(
        (read.parent_id, read.trace_id),
        (release.span_id, release.trace_id)
    );
    assert!(read.duration <= release.duration);
}

#[test]
fn metrics_are_seen_by_their_labels() {
    let (_, seen) = testing::capture(|| {
        let _ = (Service.release(7), Service.release(1), Service.release(2));
        testing_capture::under_way().set(3);
        testing_capture::under_way().decrement(1);
        testing_capture::waited().record(Duration::from_millis(1500));
        testing_capture::waited().record(Duration::from_millis(500));
    });
    assert_eq!(
        seen.counter("testing_capture.requested", &[("urgent", "true")]),
        2
    );
    assert_eq!(
        seen.counter("testing_capture.requested", &[("urgent", "false")]),
        4
    );
    assert_eq!(seen.counter("testing_capture.requested", &[]), 6);
    assert_eq!(seen.gauge("testing_capture.under_way", &[]), 2.0);
    assert_eq!(seen.histogram("testing_capture.waited", &[]), (2, 2.0));
    assert_eq!(seen.counter("testing_capture.released", &[]), 3);
    assert_eq!(
        seen.histogram("testing_capture.released.amount", &[]).1,
        37.5
    );
    let of = |outcome| {
        let labels = [("function", "Service::release"), ("outcome", outcome)];
        seen.histogram("function.duration", &labels).0
    };
    assert_eq!((of("ok"), of("error")), (2, 1));
    assert!(!seen.has("function.duration", &[("outcome", "panicked")]));
    assert_eq!(
        seen.counter("function.errors", &[("error", "not_found")]),
        1
    );
}

#[traced]
fn served(id: u32) -> Result<u32, Refused> {
    set_user(User::id(id).role("owner"));
    set_tag("city", "Springfield");
    breadcrumb("asked politely");
    Service.release(id)
}

#[test]
fn a_report_has_the_request_context() {
    let (_, seen) = testing::capture(|| served(7));
    let reports: Vec<_> = seen.reports().collect();
    assert_eq!(reports.len(), 1, "{seen}");
    let report = seen.report("not_found");
    assert_eq!(report.text, "contract 7 is not there");
    assert_eq!(report.level, Level::Error);
    assert_eq!(report.function, "Service::release");
    assert_eq!(report.stack, ["served", "Service::release"]);
    assert_eq!(report.user.as_ref().and_then(User::get_role), Some("owner"));
    assert_eq!(report.tag("city"), Some("Springfield"));
    assert_eq!(report.breadcrumbs[0], "asked politely");
    assert_eq!(report.span_id, seen.span("Service::release").span_id);
}

#[test]
fn captured_messages_and_errors_are_reports() {
    let (_, seen) = testing::capture(|| {
        capture_message("started", Level::Info);
        capture_error(&Refused::NotFound(1)).with("bid", 42).send();
    });
    assert_eq!(seen.report("started").level, Level::Info);
    let manual = seen.report("Refused");
    assert_eq!(manual.extra, [("bid".to_owned(), "42".to_owned())]);
}

#[test]
fn the_user_of_one_request_does_not_leak_into_the_next() {
    let (_, seen) = testing::capture(|| {
        let _ = served(6);
        let _ = Service.release(7);
    });
    assert_eq!(seen.report("not_found").user, None);
}

#[test]
fn log_lines_and_foreign_spans_are_captured() {
    let ((), seen) = testing::capture(|| {
        tracing::trace_span!("query", table = "bids").in_scope(|| Service.read());
    });
    assert_eq!(seen.tree(), "query table=bids\n└─ Service::read ok");
    let log = seen.log("read");
    assert_eq!(
        (log.level, log.field("rows")),
        (tracing::Level::INFO, Some("3"))
    );
    assert_eq!(log.span_id, seen.span("Service::read").span_id);
}

#[test]
fn a_dropped_future_is_cancelled() {
    let ((), seen) = block_on(testing::capture_async(gives_up()));
    assert_eq!(seen.tree(), "gives_up ok\n└─ waits cancelled");
    let timed = tokio::time::timeout;
    let future = async { timed(Duration::from_millis(5), waits()).await };
    let (result, seen) = block_on(testing::capture_async(future));
    assert!(result.is_err());
    assert_eq!(seen.tree(), "waits cancelled");
}

#[test]
fn an_unpolled_future_is_no_call() {
    let ((), seen) = block_on(testing::capture_async(async { drop(waits()) }));
    assert_eq!(seen.tree(), "");
    assert!(seen.metrics().is_empty(), "{seen}");
}

#[traced]
async fn spawns() {
    let task = instrumental::spawn(async { Service.read() });
    task.await.expect("no panic");
    let aborted = tokio::spawn(waits().in_current_call());
    tokio::time::sleep(Duration::from_millis(20)).await;
    aborted.abort();
    let _ = aborted.await;
    let thread = std::thread::spawn(instrumental::in_current_call(|| Service.read()));
    thread.join().expect("no panic");
    tokio::spawn(async { Service.read() })
        .await
        .expect("no panic");
}

#[test]
fn tasks_and_threads_in_the_current_call_are_captured_and_others_are_not() {
    let ((), seen) = block_on(testing::capture_async(spawns()));
    let tree = "spawns ok\n├─ Service::read ok\n├─ waits cancelled\n└─ Service::read ok";
    assert_eq!(seen.tree(), tree);
    // Log lines of those tasks are captured too.
    assert_eq!(seen.logs().count(), 2, "{seen}");
}

#[test]
fn parallel_captures_do_not_see_each_other() {
    let run = |id: u32| {
        let (_, seen) = testing::capture(|| (0..200).for_each(|_| drop(Service.release(id))));
        assert_eq!(seen.counter("testing_capture.requested", &[]), 400);
        assert_eq!(
            seen.spans()
                .filter(|span| span.field("id").is_some())
                .count(),
            200
        );
        assert!(
            seen.events()
                .all(|event| event.field("id") == Some(&*id.to_string()))
        );
        // Each capture throttles reports separately.
        assert_eq!(
            seen.reports().count(),
            if id == 7 { 5 } else { 0 },
            "{seen}"
        );
        if id == 7 {
            assert_eq!(seen.lost(), [(LostReason::ReportThrottled, 195)]);
        }
    };
    std::thread::scope(|scope| {
        for id in [7, 1, 7, 2] {
            scope.spawn(move || run(id));
        }
    });
}

#[test]
fn nothing_leaks_to_the_application() {
    let leaked = facades::seen(|| {
        let (_, seen) = testing::capture(|| served(7));
        assert_eq!(seen.reports().count(), 1);
        block_on(async { testing::capture_async(spawns()).await.1 });
    });
    // The task outside the call belongs to the application, which has no subscriber on that thread.
    assert_eq!(leaked, facades::Seen::default());
    let leaked = facades::seen(|| drop(served(7)));
    assert!(!leaked.metrics.is_empty() && !leaked.events.is_empty());
}

#[test]
fn a_panic_ends_the_capture_of_the_thread() {
    let unwound = catch_unwind(|| testing::capture(|| panic!("on purpose")));
    assert!(unwound.is_err());
    let leaked = facades::seen(|| Service.read());
    assert!(leaked.metrics[0].starts_with("function.duration{function=Service::read"));
    let caught = testing::capture(|| catch_unwind(AssertUnwindSafe(panics)));
    assert_eq!(caught.1.span("panics").outcome, Some(Outcome::Panicked));
    assert_eq!(caught.1.tree(), "panics panicked");
}

#[traced]
fn panics() {
    panic!("on purpose");
}

#[test]
fn captures_nest() {
    let ((), outer) = testing::capture(|| {
        Service.read();
        let ((), inner) = testing::capture(|| Service.read());
        assert_eq!(inner.tree(), "Service::read ok");
        Service.read();
    });
    assert_eq!(outer.spans().count(), 2);
}

#[test]
fn a_failed_lookup_lists_what_was_captured() {
    let (_, seen) = testing::capture(|| Service.release(1));
    let message = |lookup: &dyn Fn()| {
        let panic = catch_unwind(AssertUnwindSafe(lookup)).expect_err("absent");
        *panic.downcast::<String>().expect("a text")
    };
    let lookups: [(&str, &dyn Fn()); 7] = [
        ("no span `Service::relase`", &|| {
            drop(seen.span("Service::relase").clone())
        }),
        ("no event `x.y`", &|| drop(seen.event("x.y").clone())),
        ("no report `Busy`", &|| drop(seen.report("Busy").clone())),
        ("no log line `red`", &|| drop(seen.log("red").clone())),
        (
            "no counter `testing_capture.requested{urgent=true}`",
            &|| {
                let _ = seen.counter("testing_capture.requested", &[("urgent", "true")]);
            },
        ),
        ("no gauge `testing_capture.requested`", &|| {
            let _ = seen.gauge("testing_capture.requested", &[]);
        }),
        ("no histogram `nothing`", &|| {
            let _ = seen.histogram("nothing", &[]);
        }),
    ];
    for (start, lookup) in lookups {
        let text = message(lookup);
        assert!(text.starts_with(start), "{text}");
        for shown in [
            "Service::release id=1 ok",
            "testing_capture.requested{urgent=false} 2",
            "read rows=3",
        ] {
            assert!(text.contains(shown), "{text}");
        }
    }
}
