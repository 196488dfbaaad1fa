//! Context follows the task, and errors are reported once: the requirements b02 to b05, r12, r13 and x09 to x15.

use instrumental::{
    InCurrentCall, User, breadcrumb, capture_errors, in_current_call, set_tag, set_user, testing,
    traced,
};
use std::fmt;
use std::pin::Pin;

#[derive(Debug)]
struct Inner(u32);

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "inner {}", self.0)
    }
}
impl std::error::Error for Inner {}

#[derive(Debug)]
struct Outer(Inner);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("outer")
    }
}
impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
impl From<Inner> for Outer {
    fn from(inner: Inner) -> Self {
        Self(inner)
    }
}

/// An error type that drops its source, as many web applications have.
#[derive(Debug)]
struct Opaque;
impl From<Outer> for Opaque {
    fn from(_: Outer) -> Self {
        Self
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

#[traced]
#[capture_errors]
async fn one(id: u32) -> Result<(), Inner> {
    tokio::task::yield_now().await;
    Err(Inner(id))
}
#[traced]
#[capture_errors]
async fn two(id: u32) -> Result<(), Outer> {
    Ok(one(id).await?)
}
#[traced]
async fn three(id: u32) -> Result<(), Outer> {
    two(id).await
}
#[traced]
#[capture_errors]
async fn four(id: u32) -> Result<(), Opaque> {
    Ok(three(id).await?)
}
#[traced]
#[capture_errors]
async fn five(id: u32) -> Result<(), Opaque> {
    set_user(User::id(id).email("ann@example.org").role("owner"));
    set_tag("job", "nightly");
    breadcrumb("before");
    tokio::task::yield_now().await;
    four(id).await
}

#[test]
fn x11_an_error_through_five_functions_is_one_report() {
    let (out, seen) = block_on(testing::capture_async(five(4)));
    assert!(out.is_err());
    let reports: Vec<_> = seen.reports().collect();
    assert_eq!(reports.len(), 1);
    let report = reports[0];
    assert_eq!((report.text.as_str(), report.function), ("inner 4", "one"));
    assert_eq!(report.stack, ["five", "four", "three", "two", "one"]);
    assert_eq!(report.user.as_ref().map(User::get_id), Some("4"));
    assert_eq!(report.tag("job"), Some("nightly"));
    assert_eq!(report.breadcrumbs, ["before"]);
    assert_eq!(seen.counter("function.errors", &[]), 5);
}

#[traced]
#[capture_errors]
async fn converts_after_a_pause() -> Result<(), Outer> {
    let failed = one(5).await;
    tokio::task::yield_now().await;
    Ok(failed?)
}

#[test]
fn an_error_is_recognized_after_an_await_by_its_text() {
    let (_, seen) = block_on(testing::capture_async(converts_after_a_pause()));
    assert_eq!(seen.reports().count(), 1);
}

#[traced]
#[capture_errors]
async fn swallows_then_fails() -> Result<(), String> {
    let _ = one(6).await;
    tokio::task::yield_now().await;
    Err("another thing".into())
}

#[test]
fn another_error_is_another_report() {
    let (_, seen) = block_on(testing::capture_async(swallows_then_fails()));
    let texts: Vec<_> = seen.reports().map(|report| report.text.as_str()).collect();
    assert_eq!(texts, ["inner 6", "another thing"]);
}

#[traced]
#[capture_errors]
async fn request(id: u32) -> Result<(), Inner> {
    set_user(User::id(id));
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    Err(Inner(id))
}

#[test]
fn x09_users_do_not_leak_between_concurrent_requests() {
    let ((), seen) = block_on(testing::capture_async(async {
        let first = instrumental::scope(request(1));
        let second = instrumental::scope(request(2));
        let _ = tokio::join!(first, second);
    }));
    assert_eq!(seen.reports().count(), 2);
    for report in seen.reports() {
        let user = report.user.as_ref().map_or("", |user| user.get_id());
        assert_eq!(report.text, format!("inner {user}"));
    }
}

#[traced]
#[capture_errors]
async fn tags_within_a_foreign_span(id: u32) -> Result<(), Inner> {
    use tracing::Instrument as _;
    let span = tracing::info_span!("theirs", id);
    let within = async {
        set_user(User::id(id));
        set_tag("job", id);
        // Other tasks run here and enter their own spans.
        tokio::task::yield_now().await;
        tracing::info_span!("another of theirs").in_scope(|| breadcrumb("inside"));
        tokio::task::yield_now().await;
    };
    within.instrument(span).await;
    Err(Inner(id))
}

#[test]
fn x10_request_context_set_within_a_span_outlives_it() {
    let ((), seen) = block_on(testing::capture_async(async {
        let requests = (0..4).map(|id| instrumental::scope(tags_within_a_foreign_span(id)));
        futures_util::future::join_all(requests).await;
    }));
    assert_eq!(seen.reports().count(), 4);
    for report in seen.reports() {
        let user = report.user.as_ref().map_or("", |user| user.get_id());
        assert_eq!(report.text, format!("inner {user}"));
        assert_eq!(report.tag("job"), Some(user));
        assert_eq!(report.breadcrumbs, ["inside"]);
    }
}

/// An expected error where it occurs.
#[derive(Debug, instrumental::Outcome)]
enum Lookup {
    #[outcome(expected)]
    NotFound,
}

/// A failure for the caller.
#[derive(Debug, instrumental::Outcome)]
enum Ledger {
    #[outcome(fatal)]
    Missing,
}

#[capture_errors]
fn looks_up() -> Result<(), Lookup> {
    Err(Lookup::NotFound)
}

#[capture_errors]
fn needs_it() -> Result<(), Ledger> {
    looks_up().map_err(|Lookup::NotFound| Ledger::Missing)
}

#[capture_errors(ignore(Inner(_)))]
fn ignores(id: u32) -> Result<(), Inner> {
    Err(Inner(id))
}

#[capture_errors]
fn does_not_ignore(id: u32) -> Result<(), Outer> {
    Ok(ignores(id)?)
}

#[test]
fn an_error_ignored_inside_is_reported_by_a_caller_that_does_not_ignore_it() {
    let (_, seen) = testing::capture(|| (looks_up(), needs_it(), ignores(1), does_not_ignore(2)));
    let reports: Vec<_> = seen.reports().map(|r| (r.function, r.label)).collect();
    assert_eq!(
        reports,
        [("needs_it", "missing"), ("does_not_ignore", "Outer")]
    );
}

#[traced]
fn leaf() {}

#[traced]
async fn spawns() {
    instrumental::spawn(async { leaf() })
        .await
        .expect("no panic");
    tokio::task::spawn_blocking(in_current_call(leaf))
        .await
        .expect("no panic");
    let thread = std::thread::spawn(in_current_call(leaf));
    thread.join().expect("no panic");
    let future: Pin<Box<dyn Future<Output = ()> + Send>> =
        Box::pin(async { leaf() }.in_current_call());
    future.await;
}

#[test]
fn b04_tasks_and_threads_keep_the_parent() {
    let ((), seen) = block_on(testing::capture_async(spawns()));
    assert_eq!(
        seen.tree(),
        "spawns ok\n├─ leaf ok\n├─ leaf ok\n├─ leaf ok\n└─ leaf ok"
    );
}

#[traced]
async fn outlives() {
    tokio::task::yield_now().await;
    leaf();
}

#[test]
fn b02_a_call_may_begin_on_one_thread_and_end_on_another() {
    let ((), seen) = testing::capture(|| {
        let mut future = Box::pin(outlives().in_current_call());
        let waker = std::task::Waker::noop();
        let mut context = std::task::Context::from_waker(waker);
        assert!(future.as_mut().poll(&mut context).is_pending());
        let finish = move || {
            let mut context = std::task::Context::from_waker(waker);
            assert!(future.as_mut().poll(&mut context).is_ready());
        };
        std::thread::spawn(finish).join().expect("no panic");
        leaf();
    });
    assert_eq!(seen.tree(), "outlives ok\n└─ leaf ok\nleaf ok");
}

#[traced]
#[capture_errors]
fn storms(message: u32) -> Result<(), Inner> {
    Err(Inner(message))
}

#[test]
fn r12_r13_an_error_storm_is_counted_and_throttled() {
    const CALLS: u32 = 20_000;
    let ((), seen) = testing::capture(|| {
        for message in 0..CALLS {
            // Every text differs. Reports are throttled by site and type, so memory does not grow.
            let _ = storms(message);
        }
    });
    assert_eq!(
        seen.counter("function.errors", &[("function", "storms")]),
        u64::from(CALLS)
    );
    let reports: Vec<_> = seen.reports().collect();
    assert!(
        (1..=50).contains(&reports.len()),
        "{} reports",
        reports.len()
    );
    assert_eq!(reports[0].text, "inner 0");
}

#[traced]
fn deep(left: u32) -> u32 {
    if left == 0 { 0 } else { 1 + deep(left - 1) }
}

#[traced]
fn deep_async(left: u32) -> Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(async move {
        if left == 0 {
            0
        } else {
            1 + deep_async(left - 1).await
        }
    })
}

#[test]
fn a17_recursion_may_be_ten_thousand_deep() {
    let with_large_stack = || {
        let ((sync, awaited), seen) = testing::capture(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .expect("a runtime");
            (deep(10_000), runtime.block_on(deep_async(10_000)))
        });
        assert_eq!((sync, awaited), (10_000, 10_000));
        assert_eq!(seen.histogram("function.duration", &[]).0, 20_002);
        assert_eq!(seen.span("deep").parent_id, 0);
    };
    let thread = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(with_large_stack);
    thread.expect("a thread").join().expect("no panic");
}

/// Misbehaves in `Debug`.
struct Evil(u32);

impl fmt::Debug for Evil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => panic!("evil"),
            1 => Err(fmt::Error),
            2 => {
                leaf();
                f.write_str("re-entered")
            }
            _ => f.write_str(&"x".repeat(10 << 20)),
        }
    }
}

#[traced(before, ?evil, after)]
fn takes(before: u32, evil: Evil, after: &str) -> u32 {
    before + evil.0 + after.len() as u32
}

#[test]
fn x13_x14_x15_an_evil_debug_does_not_affect_the_call() {
    let (values, seen) = testing::capture(|| {
        (0..4)
            .map(|kind| takes(1, Evil(kind), "ab"))
            .collect::<Vec<_>>()
    });
    assert_eq!(values, [3, 4, 5, 6]);
    let recorded: Vec<_> = seen.spans().filter(|span| span.name == "takes").collect();
    let evil: Vec<_> = recorded
        .iter()
        .filter_map(|span| span.field("evil"))
        .collect();
    assert_eq!(
        evil[..3],
        ["<panicked>", "<failed to format>", "re-entered"]
    );
    assert_eq!(evil[3].len(), 4096 + "…".len());
    for span in recorded {
        assert_eq!(
            (span.field("before"), span.field("after")),
            (Some("1"), Some("ab"))
        );
    }
}
