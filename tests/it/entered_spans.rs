//! Spans that a library enters again, and guards of spans that are held too long.

use crate::testing::{Service, block_on};
use instrumental::{testing, traced};
use std::time::Duration;

#[traced]
async fn entered_by_a_library() {
    // sqlx does this, on the same thread and on others.
    tracing::Span::current().in_scope(|| Service.read());
    let span = tracing::Span::current();
    let thread = std::thread::spawn(instrumental::in_current_call(move || {
        span.in_scope(|| Service.read());
    }));
    thread.join().expect("no panic");
}

#[test]
fn the_span_of_a_call_may_be_entered_again() {
    let ((), seen) = block_on(testing::capture_async(entered_by_a_library()));
    let tree = "entered_by_a_library ok\n├─ Service::read ok\n└─ Service::read ok";
    assert_eq!(seen.tree(), tree);
}

#[traced]
async fn holds_a_guard() {
    let guard = tracing::info_span!("held").entered();
    Service.read();
    tokio::time::sleep(Duration::from_millis(2)).await;
    drop(guard);
}

#[traced]
fn forgets_a_guard() {
    std::mem::forget(tracing::info_span!("forgotten").entered());
    Service.read();
}

#[test]
fn b02_a_guard_held_across_an_await_or_forgotten_does_not_affect_later_calls() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let both = async {
        tokio::join!(holds_a_guard(), holds_a_guard());
        forgets_a_guard();
        Service.read();
    };
    let ((), seen) = runtime.block_on(testing::capture_async(both));
    let tree = "holds_a_guard ok\n└─ held\n   └─ Service::read ok\n\
                holds_a_guard ok\n└─ held\n   └─ Service::read ok\n\
                forgets_a_guard ok\n└─ forgotten (running)\n   └─ Service::read ok\n\
                Service::read ok";
    assert_eq!(seen.tree(), tree);
}
