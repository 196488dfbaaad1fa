//! Functions of every shape compile without warnings, behave as before and stay `Send`.
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

use crate::shapes::*;

use instrumental::{business_event, capture_errors, instrument, testing, traced};
use std::{cell::RefCell, pin::Pin, sync::Arc};

struct S {
    v: Vec<u32>,
}
impl S {
    #[traced]
    fn by_ref(&self) -> usize {
        self.v.len()
    }
    #[traced]
    fn by_mut(&mut self) -> &mut u32 {
        &mut self.v[0]
    }
    #[traced]
    fn try_mut(&mut self) -> Result<&mut u32, String> {
        self.v.get_mut(0).ok_or_else(|| "none".to_string())
    }
    #[traced]
    fn by_val(self) -> Vec<u32> {
        self.v
    }
    #[traced]
    fn arc(self: Arc<Self>) -> usize {
        self.v.len()
    }
    #[traced]
    fn pinned(self: Pin<&mut Self>) -> usize {
        self.v.len()
    }
    #[traced]
    fn new() -> Self {
        Self { v: vec![1] }
    }
    #[traced]
    async fn asy(&mut self, x: u32) -> Result<&mut u32, String> {
        self.v.push(x);
        self.v.get_mut(0).ok_or("x".into())
    }
    #[traced]
    async fn arc_asy(self: Arc<Self>) -> usize {
        self.v.len()
    }
}
trait T {
    fn a(&self) -> Result<u32, String>;
    async fn b(&self) -> u32;
    #[traced]
    fn d(&self) -> u32 {
        3
    }
    #[traced]
    async fn e(&self) -> u32 {
        3
    }
}
impl T for S {
    #[traced]
    fn a(&self) -> Result<u32, String> {
        Err("no".into())
    }
    #[traced]
    async fn b(&self) -> u32 {
        3
    }
}
#[async_trait::async_trait]
trait At {
    async fn go(&self, x: &str) -> Result<u32, String>;
}
#[async_trait::async_trait]
impl At for S {
    #[traced(x)]
    #[capture_errors]
    async fn go(&self, x: &str) -> Result<u32, String> {
        tokio::task::yield_now().await;
        Err(x.to_owned())
    }
}
struct B;
#[traced(level = "debug")]
impl B {
    fn one(&self) -> u32 {
        1
    }
    #[traced(skip)]
    fn two(&self) -> u32 {
        2
    }
    #[traced(x, slow = "1ms")]
    fn three(&self, x: u32) -> u32 {
        x
    }
    const fn four() -> u32 {
        4
    }
    #[capture_errors]
    fn five(&self) -> Result<(), String> {
        Err("five".into())
    }
}
#[traced]
mod m {
    pub fn f() -> u32 {
        1
    }
    pub async fn g() -> u32 {
        2
    }
    pub struct X;
}
#[business_event("payment.released")]
struct Released {
    id: u32,
    #[measure(usd)]
    amount: f64,
}
#[traced(id)]
#[capture_errors(ignore(std::fmt::Error))]
#[business_event(Released { id, amount: *amount }, on = Ok(amount))]
#[business_event("bid.accepted", id, who = who.len(), ?why)]
async fn all(id: u32, who: String, why: Option<u8>) -> Result<f64, std::fmt::Error> {
    drop(who);
    let _ = why;
    Ok(f64::from(id))
}
#[capture_errors]
#[business_event("only.event", id)]
fn stack(id: u32) -> Result<u32, String> {
    Ok(id)
}
#[business_event("lonely", id)]
fn lonely(id: u32) {
    let _ = id;
}
#[instrument(skip(b), fields(z = a + 1, later = tracing::field::Empty, undeclared), err, ret)]
fn ins(a: u32, b: &str) -> Result<u32, String> {
    if b.is_empty() { Err("e".into()) } else { Ok(a) }
}
#[instrument(
    level = "trace",
    target = "tt",
    name = "nn",
    skip_all,
    err(Debug, level = "warn")
)]
async fn ins2(a: u32) -> Result<u32, String> {
    Ok(a)
}
fn send<F: Send>(f: F) -> F {
    f
}

#[traced]
#[tokio::main(flavor = "current_thread")]
async fn runs_a_runtime() -> u32 {
    asy(1).await.unwrap_or(0)
}

#[tokio::test]
#[traced]
async fn a22_it_works_with_tokio_main_and_test() {
    assert_eq!(runs_in_a_thread(), 1);
}

fn runs_in_a_thread() -> u32 {
    std::thread::spawn(runs_a_runtime).join().unwrap_or(0)
}

/// How often each function ends ok, and with an error.
const OUTCOMES: [(&str, u64, u64); 26] = [
    ("plain", 1, 0),
    ("question", 0, 1),
    ("alias", 0, 1),
    ("poll", 0, 1),
    ("flow", 0, 1),
    ("none", 0, 1),
    ("rule", 0, 1),
    ("recursive", 1001, 0),
    ("asy", 0, 1),
    ("fut", 1, 0),
    ("bf", 0, 1),
    ("strm", 1, 0),
    ("made", 1, 0),
    ("S::by_mut", 1, 0),
    ("S::try_mut", 1, 0),
    ("S::new", 2, 0),
    ("S::a", 0, 1),
    ("S::b", 1, 0),
    ("S::go", 0, 1),
    ("B::one", 1, 0),
    ("B::two", 0, 0),
    ("B::five", 0, 1),
    ("f", 1, 0),
    ("all", 1, 0),
    ("ins", 0, 1),
    ("ins2", 1, 0),
];

#[tokio::test]
async fn a04_every_shape_behaves_as_before() {
    let ((), seen) = testing::capture_async(all_shapes()).await;
    let of = |function: &str, outcome: &str| {
        let labels = [("function", function), ("outcome", outcome)];
        if seen.has("function.duration", &labels) {
            seen.histogram("function.duration", &labels).0
        } else {
            0
        }
    };
    for (function, ok, error) in OUTCOMES {
        assert_eq!(
            (of(function, "ok"), of(function, "error")),
            (ok, error),
            "{function}"
        );
    }
    let events: Vec<_> = seen.events().map(|event| event.name).collect();
    assert_eq!(
        events,
        ["payment.released", "bid.accepted", "only.event", "lonely"]
    );
    assert_eq!(seen.span("S::go").field("x"), Some("x"));
    assert_eq!(seen.span("nn").target, "tt");
}

async fn all_shapes() {
    plain(1);
    unit();
    let _ = fallible(1);
    let _ = question("x");
    let _ = alias("x");
    generic::<_, 3>(1u8);
    lifetime("a", "b");
    let mut v = vec![1];
    *elided(&mut v) = 3;
    let _ = format!("{:?}", impl_arg(3));
    patterns((1, 2), [1, 2, 3], 3, vec![], &3);
    tail(RefCell::new("x".into()));
    recursive(1000);
    boxed_recursive(50).await;
    labelled(&[1, 5]);
    nested();
    let _ = poll();
    let _ = flow(1);
    none(0);
    rule(5);
    let _ = send(asy(5)).await;
    asy_unit().await;
    asy_ref("x").await;
    let _ = asy_generic(3).await;
    let _ = format!("{:?}", asy_impl(3).await);
    asy_mut(&mut v).await;
    let _ = fut(1).await;
    fut_send(&3).await;
    let _ = send(bf(&3)).await;
    {
        use futures_util::StreamExt as _;
        let mut s = std::pin::pin!(strm(3));
        while s.next().await.is_some() {}
    }
    let _ = attrs();
    assert_eq!(caller(), line!());
    made(3);
    iter(3).count();
    early(3);
    hrtb(|x| x);
    methods_and_others(v).await;
}

async fn methods_and_others(v: Vec<u32>) {
    let mut s = S::new();
    s.by_ref();
    *s.by_mut() = 3;
    let _ = s.try_mut();
    let _ = s.asy(3).await;
    let _ = s.a();
    s.b().await;
    s.d();
    s.e().await;
    let _ = send(s.go("x")).await;
    Pin::new(&mut s).pinned();
    let a = Arc::new(s);
    Arc::clone(&a).arc();
    a.arc_asy().await;
    S::new().by_val();
    B.one();
    B.two();
    B.three(3);
    B::four();
    let _ = B.five();
    m::f();
    m::g().await;
    let _ = all(3, "x".into(), None).await;
    let _ = stack(3);
    lonely(3);
    let _ = ins(1, "");
    let _ = ins2(3).await;
    external(3);
    unsafe {
        danger(&raw const v[0]);
        asy_unsafe().await;
    }
    let _ = async_never;
    let _ = never;
}
