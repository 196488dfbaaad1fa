//! An annotated function behaves like the plain one: values, drops, copies, lints. Findings f01 to f14.

use instrumental::{capture_errors, set_user, testing, traced};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, UnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

thread_local!(static LOG: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) });

fn take_log() -> Vec<&'static str> {
    LOG.take()
}

struct D(&'static str);

impl Drop for D {
    fn drop(&mut self) {
        LOG.with_borrow_mut(|log| log.push(self.0));
    }
}

/// Logs whether it was committed when it is dropped.
#[derive(Default)]
struct Transaction {
    committed: bool,
    rows: u32,
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let end = if self.committed {
            "commit"
        } else {
            "roll back"
        };
        LOG.with_borrow_mut(|log| log.push(end));
    }
}

impl Transaction {
    #[traced]
    fn commit(mut self) {
        self.committed = true;
    }
    #[traced]
    fn try_commit(mut self, fail: bool) -> Result<u32, String> {
        if fail {
            return Err("no".to_owned());
        }
        self.committed = true;
        self.rows += 1;
        Ok(self.rows)
    }
    #[traced]
    #[capture_errors]
    async fn commit_later(mut self) -> Result<(), String> {
        self.committed = true;
        std::future::ready(()).await;
        Ok(())
    }
    #[traced]
    fn commit_at_once(mut self) -> impl Future<Output = ()> {
        self.committed = true;
        async {}
    }
    #[traced(on_failure(rows = 1))]
    fn commit_or_report(mut self, _lock: D) -> Result<(), String> {
        self.committed = true;
        Ok(())
    }
}

#[traced]
fn commit_second(_first: Transaction, mut second: Transaction) -> Result<(), String> {
    second.committed = true;
    Ok(())
}

fn field<'a>(seen: &'a testing::Seen, span: &str, name: &str) -> Option<&'a str> {
    let mut fields = seen.span(span).fields.iter();
    fields
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}

#[test]
fn f01_changes_of_self_are_kept_until_the_drop() {
    Transaction::default().commit();
    assert_eq!(take_log(), ["commit"]);
    assert_eq!(Transaction::default().try_commit(false), Ok(1));
    assert_eq!(take_log(), ["commit"]);
    assert!(Transaction::default().try_commit(true).is_err());
    assert_eq!(take_log(), ["roll back"]);
    assert_eq!(block_on(Transaction::default().commit_later()), Ok(()));
    assert_eq!(take_log(), ["commit"]);
    block_on(Transaction::default().commit_at_once());
    assert_eq!(take_log(), ["commit"]);
    assert_eq!(Transaction::default().commit_or_report(D("lock")), Ok(()));
    assert_eq!(take_log(), ["lock", "commit"]);
    assert_eq!(
        commit_second(Transaction::default(), Transaction::default()),
        Ok(())
    );
    assert_eq!(take_log(), ["commit", "roll back"]);
}

fn first_of(items: &[u32]) -> u32 {
    items[0]
}

#[traced(fields(first = first_of(items)))]
fn reads_a_field(items: &[u32]) -> usize {
    items.len()
}
#[traced(error_if = |_| first_of(items) == 0)]
fn applies_a_rule(items: &[u32]) -> usize {
    items.len()
}
#[instrumental::business_event("meaning.read", first = first_of(&items))]
fn emits(items: Vec<u32>) -> usize {
    items.len()
}
#[traced(on_failure(first = first_of(items)))]
fn fails(items: &[u32]) -> Result<usize, String> {
    Err(format!("of {}", items.len()))
}
#[traced(fields(first = first_of(items)))]
async fn reads_a_field_later(items: &[u32]) -> usize {
    items.len()
}

#[traced]
fn next_request() -> Result<(), String> {
    Err("next".to_owned())
}

#[test]
fn f02_a_panic_in_an_expression_of_the_attribute_leaves_no_open_call() {
    let calls: [(&str, fn()); 5] = [
        ("field", || {
            let _ = reads_a_field(&[]);
        }),
        ("rule", || {
            let _ = applies_a_rule(&[]);
        }),
        ("event", || {
            let _ = emits(Vec::new());
        }),
        ("on_failure", || drop(fails(&[]))),
        ("later", || {
            let _ = block_on(reads_a_field_later(&[]));
        }),
    ];
    for (what, call) in calls {
        let (panicked, seen) = testing::capture(|| {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                // The panicked call must not be on the stack any more, or it would get the user set below.
                call();
            }))
            .is_err();
            set_user(instrumental::User::id("alice"));
            let _ = next_request();
            panicked
        });
        assert!(panicked, "{what}: the panic is propagated");
        let next = seen.span("next_request");
        assert!(next.parent_id == 0, "{what}: {}", seen.tree());
    }
}

#[traced]
async fn drops_in_order(a: D, b: D, c: D) {
    let _ = (&b, &a, &c);
}
#[traced]
async fn moves_the_second(a: D, b: D, c: D) -> Result<(), String> {
    std::future::pending::<()>().await;
    drop(b);
    let _ = (&a, &c);
    Ok(())
}
#[traced]
fn patterns((x, _): (D, D), b: D, (_, y): (D, D)) -> Result<(), String> {
    let _ = (&x, &b, &y);
    Ok(())
}

#[test]
fn f08_arguments_are_dropped_as_the_plain_function_drops_them() {
    block_on(drops_in_order(D("a"), D("b"), D("c")));
    assert_eq!(take_log(), ["c", "b", "a"]);
    {
        let mut cancelled = pin!(moves_the_second(D("a"), D("b"), D("c")));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(cancelled.as_mut().poll(&mut context), Poll::Pending);
    }
    assert_eq!(take_log(), ["c", "b", "a"]);
    assert_eq!(
        patterns((D("x"), D("x rest")), D("b"), (D("y rest"), D("y"))),
        Ok(())
    );
    assert_eq!(take_log(), ["y", "y rest", "b", "x", "x rest"]);
}

struct Large([u8; 300 << 10]);

/// The address of a local variable, as a measure of the stack depth.
#[inline(never)]
fn depth() -> usize {
    let here = 0_u8;
    std::hint::black_box(&raw const here) as usize
}
#[inline(never)]
fn plain_large(large: Large) -> Result<usize, String> {
    let depth = depth();
    std::hint::black_box(&large.0);
    Ok(depth)
}
#[traced]
#[inline(never)]
fn traced_large(large: Large) -> Result<usize, String> {
    let depth = depth();
    std::hint::black_box(&large.0);
    Ok(depth)
}
#[traced]
#[inline(never)]
fn measured_large(large: Large) -> usize {
    let depth = depth();
    std::hint::black_box(&large.0);
    depth
}

#[test]
fn f09_a_large_argument_is_not_copied() {
    let run = || {
        let top = depth();
        let plain = top - plain_large(Large([1; 300 << 10])).expect("a depth");
        let traced = top - traced_large(Large([1; 300 << 10])).expect("a depth");
        let measured = top - measured_large(Large([1; 300 << 10]));
        assert!(traced < plain + (8 << 10), "{plain} and {traced}");
        assert!(measured < plain + (8 << 10), "{plain} and {measured}");
    };
    let thread = std::thread::Builder::new().stack_size(32 << 20).spawn(run);
    thread.expect("a thread").join().expect("small frames");
}

/// f11: recorded arguments count as used, even if the body does not use them.
#[deny(unused_variables)]
mod recorded {
    use instrumental::{instrument, traced};

    #[instrument]
    pub(super) fn by_instrument(x: u32) {}
    #[traced(x)]
    pub(super) fn by_name(x: u32) -> Result<(), String> {
        Ok(())
    }
    #[traced(args)]
    pub(super) async fn all_of_them(x: u32, y: String) -> Result<(), String> {
        Ok(())
    }
    #[traced(fields(length = text.len()))]
    pub(super) fn in_an_expression(text: &str) {}
}

#[test]
fn f11_recorded_arguments_are_used() {
    let (result, seen) = testing::capture(|| {
        recorded::by_instrument(1);
        recorded::in_an_expression("four");
        recorded::by_name(2).and(block_on(recorded::all_of_them(3, "y".to_owned())))
    });
    assert_eq!(result, Ok(()));
    assert_eq!(field(&seen, "in_an_expression", "length"), Some("4"));
}

#[traced]
async fn waits() {
    std::future::pending::<()>().await;
}
#[traced]
async fn panics() {
    panic!("this one");
}
#[traced]
fn in_a_destructor() -> Result<(), String> {
    Ok(())
}

struct CallsWhenDropped;

impl Drop for CallsWhenDropped {
    fn drop(&mut self) {
        let _ = in_a_destructor();
        guarded_in_a_destructor();
    }
}

#[traced]
fn guarded_in_a_destructor() {}

#[test]
fn f13_a_panic_elsewhere_does_not_change_the_outcome() {
    let (result, seen) = testing::capture(|| {
        catch_unwind(AssertUnwindSafe(|| {
            let _calls = CallsWhenDropped;
            let mut context = Context::from_waker(Waker::noop());
            let (mut first, mut second) = (pin!(waits()), pin!(panics()));
            let _ = first.as_mut().poll(&mut context);
            let _ = second.as_mut().poll(&mut context);
        }))
    });
    assert!(result.is_err());
    let outcome = |name| seen.span(name).outcome;
    assert_eq!(outcome("waits"), Some(instrumental::Outcome::Cancelled));
    assert_eq!(outcome("panics"), Some(instrumental::Outcome::Panicked));
    assert_eq!(outcome("in_a_destructor"), Some(instrumental::Outcome::Ok));
    assert_eq!(
        outcome("guarded_in_a_destructor"),
        Some(instrumental::Outcome::Ok)
    );
}

fn unwind_safe<T: UnwindSafe>(_: &T) {}

#[test]
fn f14_an_unwind_safe_future_stays_unwind_safe() {
    unwind_safe(&waits());
    unwind_safe(&drops_in_order(D("a"), D("b"), D("c")));
    unwind_safe(&Transaction::default().commit_later());
    assert_eq!(take_log(), ["a", "b", "c", "roll back"]);
}
