//! Free functions of every shape, run by `function_shapes`.
#![deny(warnings)]
#![allow(
    async_fn_in_trait,
    dead_code,
    unreachable_pub,
    clippy::absurd_extreme_comparisons,
    clippy::manual_async_fn,
    clippy::never_loop,
    clippy::multiple_bound_locations,
    clippy::ptr_arg,
    clippy::unused_unit,
    unsafe_code
)]

use futures_util::{FutureExt as _, Stream, future::BoxFuture, stream};
use instrumental::traced;
use std::{cell::RefCell, fmt::Debug, ops::ControlFlow, pin::Pin, task::Poll};

#[traced]
pub(crate) fn plain(x: u32) -> u32 {
    x + 1
}
#[traced]
pub(crate) fn unit() {}
#[traced(x)]
pub(crate) fn fallible(x: u32) -> Result<u32, std::io::Error> {
    if x > 3 {
        return Err(std::io::Error::other("no"));
    }
    Ok(x)
}
#[traced]
pub(crate) fn question(x: &str) -> Result<u32, std::num::ParseIntError> {
    let y: u32 = x.parse()?;
    Ok(y)
}
type R<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
#[traced]
pub(crate) fn alias(x: &str) -> R<u32> {
    Ok(x.parse()?)
}
#[traced]
pub(crate) fn generic<T: Debug, const N: usize>(x: T) -> Option<T>
where
    T: Clone,
{
    (N > 0).then(|| x.clone())
}
#[traced]
pub(crate) fn lifetime<'a>(x: &'a str, _y: &str) -> &'a str {
    x
}
#[traced]
pub(crate) fn elided(x: &mut Vec<u32>) -> &mut u32 {
    &mut x[0]
}
#[traced]
pub(crate) fn impl_arg(x: impl Debug + 'static) -> impl Debug {
    format!("{x:?}")
}
#[traced]
pub(crate) fn patterns(
    (a, b): (u32, u32),
    [c, ..]: [u32; 3],
    _: u8,
    mut d: Vec<u32>,
    &e: &u32,
) -> u32 {
    d.push(e);
    a + b + c + d.len() as u32
}
#[traced]
pub(crate) fn tail(c: RefCell<String>) -> usize {
    c.borrow().len()
}
#[traced]
pub(crate) fn never() -> ! {
    panic!("never")
}
#[traced]
pub(crate) async fn async_never() -> ! {
    panic!("never")
}
#[traced]
pub(crate) unsafe fn danger(p: *const u32) -> u32 {
    unsafe { *p }
}
#[traced]
pub(crate) extern "C" fn external(x: i32) -> i32 {
    x
}
#[traced]
pub(crate) fn recursive(n: u32) -> u32 {
    if n == 0 { 0 } else { 1 + recursive(n - 1) }
}
#[traced]
pub(crate) fn boxed_recursive(n: u32) -> Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(async move {
        if n == 0 {
            0
        } else {
            1 + boxed_recursive(n - 1).await
        }
    })
}
#[traced]
pub(crate) fn labelled(xs: &[u32]) -> u32 {
    'o: loop {
        for x in xs {
            if *x > 2 {
                break 'o *x;
            }
        }
        break 0;
    }
}
#[traced]
pub(crate) fn nested() -> u32 {
    fn inner() -> u32 {
        4
    }
    struct S(u32);
    S(inner()).0
}
#[traced]
pub(crate) fn poll() -> Poll<Result<u32, String>> {
    Poll::Ready(Err("x".into()))
}
#[traced]
pub(crate) fn flow(x: u32) -> ControlFlow<std::fmt::Error, u32> {
    if x > 0 {
        ControlFlow::Break(std::fmt::Error)
    } else {
        ControlFlow::Continue(x)
    }
}
#[traced(none = "error")]
pub(crate) fn none(x: u32) -> Option<u32> {
    (x > 0).then_some(x)
}
#[traced(error_if = |n| *n > 3)]
pub(crate) fn rule(x: u32) -> u32 {
    x
}
#[traced]
pub(crate) async fn asy(x: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    if x > 3 { Err("big".into()) } else { Ok(x) }
}
#[traced]
pub(crate) async fn asy_unit() {
    tokio::task::yield_now().await;
}
#[traced]
pub(crate) async fn asy_ref(x: &str) -> &str {
    tokio::task::yield_now().await;
    x
}
#[traced]
pub(crate) async fn asy_generic<T: Send + Debug>(x: T) -> Result<T, T> {
    Ok(x)
}
#[traced]
pub(crate) async fn asy_impl(x: impl Debug) -> impl Debug {
    format!("{x:?}")
}
#[traced]
pub(crate) async fn asy_mut(x: &mut Vec<u32>) -> Option<&mut u32> {
    x.get_mut(0)
}
#[traced]
pub(crate) fn fut(x: u32) -> impl Future<Output = Result<u32, String>> {
    let y = x + 1;
    async move { Ok(y) }
}
#[traced]
pub(crate) fn fut_send(x: &u32) -> impl Future<Output = u32> + Send {
    async move { *x }
}
#[traced]
pub(crate) fn bf(x: &u32) -> BoxFuture<'_, Result<u32, String>> {
    async move { Err(format!("{x}")) }.boxed()
}
#[traced]
pub(crate) fn strm(n: u32) -> impl Stream<Item = u32> {
    stream::iter(0..n)
}
#[traced]
#[must_use]
#[inline]
pub(crate) fn attrs() -> u32 {
    3
}
#[traced]
#[track_caller]
pub(crate) fn caller() -> u32 {
    std::panic::Location::caller().line()
}
#[traced]
pub(crate) async unsafe fn asy_unsafe() -> u32 {
    3
}
#[traced]
pub(crate) fn hrtb(f: impl for<'a> Fn(&'a str) -> &'a str) -> String {
    f("x").to_owned()
}
#[traced]
pub(crate) fn iter(n: u32) -> impl Iterator<Item = u32> {
    0..n
}
#[traced]
pub(crate) fn early(x: u32) -> u32 {
    if x > 1 {
        return 1;
    }
    2
}
macro_rules! make {
    ($n:ident, $t:ty) => {
        #[traced(x)]
        pub(crate) fn $n(x: $t) -> $t {
            x
        }
    };
}
make!(made, u64);
