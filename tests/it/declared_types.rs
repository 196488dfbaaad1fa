//! The declared return type reaches the body, in every form of function and behind every macro fragment. Findings f03 to f19.
#![deny(warnings)]

use futures_core::{FusedFuture, Stream};
use instrumental::{Outcome, instrument, testing, traced};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

fn field<'a>(seen: &'a testing::Seen, span: &str, name: &str) -> Option<&'a str> {
    let mut fields = seen.span(span).fields.iter();
    fields
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn outcomes(seen: &testing::Seen, name: &str) -> Vec<Option<Outcome>> {
    let spans = seen.spans().filter(|span| span.name == name);
    spans.map(|span| span.outcome).collect()
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}

#[traced]
fn evens(n: usize) -> Result<impl Iterator<Item = usize>, String> {
    if n > 100 {
        return Err("too many".to_owned());
    }
    Ok((0..n).filter(|x| x % 2 == 0))
}
#[traced]
fn parsed(n: &str) -> Result<impl Iterator<Item = usize>, std::num::ParseIntError> {
    let n: usize = n.parse()?;
    Ok(0..n)
}
#[traced]
async fn evens_later(n: usize) -> Result<impl Iterator<Item = usize>, std::fmt::Error> {
    Ok(0..n)
}
#[traced]
fn evens_of_a_future(
    n: usize,
) -> impl Future<Output = Result<impl Iterator<Item = usize>, String>> {
    async move { Ok(0..n) }
}

#[test]
fn f03_an_opaque_type_within_a_result() {
    let (found, seen) = testing::capture(|| {
        assert!(evens(101).is_err());
        assert!(parsed("x").is_err());
        evens(4).map(Iterator::count).ok()
    });
    assert_eq!(found, Some(2));
    assert_eq!(
        outcomes(&seen, "evens"),
        [Some(Outcome::Error), Some(Outcome::Ok)]
    );
    assert_eq!(outcomes(&seen, "parsed"), [Some(Outcome::Error)]);
    assert_eq!(block_on(evens_later(3)).map(Iterator::count), Ok(3));
    assert_eq!(block_on(evens_of_a_future(3)).map(Iterator::count), Ok(3));
}

#[instrument(parent = span, skip(span))]
fn given_a_parent<P: Into<Option<tracing::span::Id>>>(span: P) {}
#[instrument(parent = span, skip(span))]
async fn given_a_parent_later<P: Into<Option<tracing::span::Id>>>(
    span: P,
    d: u8,
) -> Result<u8, ()> {
    Ok(d)
}
#[instrument(follows_from = causes, skip(causes))]
fn given_causes(
    causes: impl IntoIterator<Item = impl Into<Option<tracing::span::Id>>>,
) -> Result<(), String> {
    Ok(())
}

#[test]
fn f04_a_parent_may_be_moved_into_the_attribute() {
    given_a_parent(None);
    assert_eq!(block_on(given_a_parent_later(None, 1)), Ok(1));
    assert_eq!(given_causes([tracing::span::Id::from_u64(7)]), Ok(()));
}

macro_rules! with_a_block {
    ($name:ident $body:block) => {
        #[traced]
        fn $name() -> u32 $body
    };
}
with_a_block!(of_a_block { 3 });
macro_rules! with_a_type {
    ($visibility:vis $name:ident, $ret:ty, $body:block) => {
        #[traced]
        $visibility fn $name() -> $ret $body
    };
}
with_a_type!(pub(crate) of_a_type, Result<u8, String>, { Err("no".to_owned()) });
with_a_type!(of_a_future, impl Future<Output = Result<u8, String>>, {
    async { Err("no".to_owned()) }
});
macro_rules! with_a_pattern {
    ($name:ident, $pattern:pat, $ty:ty, $value:expr) => {
        #[traced(fields(found = $value))]
        fn $name($pattern: $ty) -> Result<u8, String> {
            Ok($value)
        }
    };
}
with_a_pattern!(of_a_pattern, (x, _), (u8, String), x);
macro_rules! with_an_item {
    ($item:item) => {
        #[traced]
        $item
    };
}
with_an_item! {
    fn of_an_item(x: u8) -> Result<u8, String> {
        Ok(x)
    }
}

#[test]
fn f06_macro_fragments_are_recognized() {
    let (sum, seen) = testing::capture(|| {
        assert!(of_a_type().is_err());
        assert!(block_on(of_a_future()).is_err());
        of_a_block()
            + u32::from(of_a_pattern((1, String::new())).unwrap_or(0))
            + u32::from(of_an_item(2).unwrap_or(0))
    });
    assert_eq!(sum, 6);
    // The future is measured to its end, which is an error.
    assert_eq!(seen.span("of_a_future").outcome, Some(Outcome::Error));
    assert_eq!(field(&seen, "of_a_pattern", "found"), Some("1"));
}

#[traced(args)]
fn cfg_on_arguments(
    #[cfg(not(any(unix, windows)))] missing: Missing,
    #[cfg(any(unix, windows))] present: u8,
    #[allow(unused_variables)] text: String,
    #[expect(unused_mut)] mut more: String,
) -> Result<usize, String> {
    Ok(usize::from(present) + more.len())
}
#[instrument]
fn cfg_on_recorded_arguments(#[cfg(not(any(unix, windows)))] missing: u32, present: u32) {}
#[traced]
fn expects_unused(#[expect(unused_variables)] a: String, b: String) -> Result<usize, String> {
    Ok(b.len())
}

#[test]
fn f07_attributes_of_arguments_apply() {
    let (found, seen) = testing::capture(|| {
        cfg_on_recorded_arguments(7);
        assert_eq!(expects_unused(String::new(), "b".to_owned()), Ok(1));
        cfg_on_arguments(1, String::new(), "more".to_owned())
    });
    assert_eq!(found, Ok(5));
    assert_eq!(
        field(&seen, "cfg_on_recorded_arguments", "present"),
        Some("7")
    );
    assert_eq!(field(&seen, "cfg_on_arguments", "present"), Some("1"));
}

#[traced]
fn hands_back() -> impl for<'a> Fn(&'a str) -> &'a str {
    |x| x
}
#[traced]
fn above(n: usize) -> impl Fn(&usize) -> bool {
    move |i| *i > n
}
#[traced]
fn once() -> impl FnOnce(u8) -> u8 {
    |x| x
}
#[traced]
fn is_empty() -> impl Fn(&str) -> bool {
    |text| text.is_empty()
}

#[test]
fn f10_returned_closures_get_the_declared_type() {
    assert_eq!(hands_back()("x"), "x");
    assert!(above(1)(&2));
    assert_eq!(once()(1), 1);
    assert!(is_empty()(""));
}

#[traced]
fn fused(fail: bool) -> impl FusedFuture<Output = Result<u8, String>> {
    futures_util::FutureExt::fuse(async move { if fail { Err("no".to_owned()) } else { Ok(1) } })
}
#[traced]
fn boxed_unpin(fail: bool) -> Box<dyn Future<Output = Result<u8, String>> + Unpin> {
    Box::new(std::future::ready(if fail {
        Err("no".to_owned())
    } else {
        Ok(1)
    }))
}
type Later<'a> = Pin<Box<dyn Future<Output = Result<u8, String>> + Send + 'a>>;
#[traced]
fn by_another_name(n: &u8) -> Later<'_> {
    Box::pin(async move { Err(n.to_string()) })
}

#[test]
fn f12_futures_of_other_types_are_measured_to_their_end() {
    let ((), seen) = testing::capture(|| {
        assert!(block_on(fused(true)).is_err());
        assert!(block_on(boxed_unpin(true)).is_err());
        assert!(block_on(by_another_name(&1)).is_err());
        let mut fused = pin!(fused(false));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(fused.as_mut().poll(&mut context), Poll::Ready(Ok(1)));
        assert!(fused.is_terminated());
    });
    for name in ["fused", "boxed_unpin", "by_another_name"] {
        let first = outcomes(&seen, name)[0];
        assert_eq!(first, Some(Outcome::Error), "{name}");
    }
}

struct Anything<T>(Option<T>);
impl Stream for Anything<u32> {
    type Item = u32;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        Poll::Ready(self.0.take())
    }
}
impl<T> Unpin for Anything<T> {}
fn make<T>() -> Anything<T> {
    Anything(None)
}
#[traced]
fn inferred() -> impl Stream<Item = u32> {
    make()
}
#[traced]
fn of_any_output<T>(future: Pin<Box<dyn Future<Output = T>>>) -> Pin<Box<dyn Future<Output = T>>> {
    future
}
#[traced]
fn converts() -> impl Into<u64> {
    1_u32
}
#[traced]
fn perhaps() -> Option<impl Fn(&str) -> usize> {
    Some(|text: &str| text.len())
}

#[test]
fn f19_the_declared_type_guides_inference() {
    let mut stream = pin!(inferred());
    let mut context = Context::from_waker(Waker::noop());
    assert_eq!(stream.as_mut().poll_next(&mut context), Poll::Ready(None));
    let borrowed = String::from("borrowed");
    assert_eq!(block_on(of_any_output(Box::pin(std::future::ready(1)))), 1);
    assert_eq!(
        converts().into() + perhaps().map_or(0, |count| count(&borrowed) as u64),
        9
    );
}

/// Patterns from public crates: boxed futures with outputs that may borrow, and references that are shortened.
mod from_public_crates {
    use super::{Pin, block_on};
    use instrumental::{instrument, traced};

    type Boxed<U, E> = Pin<Box<dyn Future<Output = Result<U, E>>>>;
    type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

    struct Service<T, U, E>(fn(T) -> Boxed<U, E>);
    impl<T, U, E> Service<T, U, E> {
        #[traced]
        fn call(&mut self, request: T) -> Boxed<U, E> {
            (self.0)(request)
        }
    }
    struct Transaction<'a>(&'a u8);
    #[traced]
    fn begin<'a>(
        begun: Pin<Box<dyn Future<Output = Transaction<'a>> + Send + 'static>>,
    ) -> Pin<Box<dyn Future<Output = Transaction<'a>> + Send + 'static>> {
        begun
    }
    #[traced]
    fn shorten(mut rest: &mut [u8], by: usize) -> Result<usize, String> {
        while rest.len() > by {
            rest[0] = 1;
            rest = &mut rest[by..];
        }
        Ok(rest.len())
    }
    struct Cursor<'a>(&'a mut [u8]);
    #[traced]
    fn advance(mut cursor: Cursor<'_>, by: usize) -> Result<usize, String> {
        while cursor.0.len() > by {
            cursor = Cursor(&mut cursor.0[by..]);
        }
        Ok(cursor.0.len())
    }
    #[instrument(skip_all)]
    fn by_an_alias<'a>() -> BoxFuture<'a, Result<u8, String>> {
        Box::pin(async move { Ok(1) })
    }

    #[test]
    fn f19_boxed_futures_may_borrow_and_references_may_be_reassigned() {
        let mut service = Service::<u8, u8, String>(|request| Box::pin(async move { Ok(request) }));
        assert_eq!(block_on(service.call(3)), Ok(3));
        assert_eq!(*block_on(begin(Box::pin(async { Transaction(&7) }))).0, 7);
        assert_eq!(shorten(&mut [0; 7], 2), Ok(1));
        assert_eq!(advance(Cursor(&mut [0; 7]), 2), Ok(1));
        assert_eq!(block_on(by_an_alias()), Ok(1));
    }

    #[traced]
    #[tokio::test]
    async fn f19_an_inner_attribute_may_move_the_body() -> Result<(), Box<dyn std::error::Error>> {
        "1".parse::<u8>()?;
        Ok(())
    }
}
