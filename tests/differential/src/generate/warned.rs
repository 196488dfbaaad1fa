//! Functions that the compiler warns about. Both twins must have the same warnings.

/// A function with warnings.
#[derive(Debug)]
pub(super) struct Warned {
    /// The attribute's line.
    pub(super) attribute: &'static str,
    pub(super) function: &'static str,
    /// Whether the annotated twin has no warning, because the attribute uses the argument.
    pub(super) silent: bool,
}

const fn of(attribute: &'static str, function: &'static str) -> Warned {
    Warned {
        attribute,
        function,
        silent: false,
    }
}

const fn used(attribute: &'static str, function: &'static str) -> Warned {
    Warned {
        attribute,
        function,
        silent: true,
    }
}

const T: &str = "#[traced]";
const I: &str = "#[instrument(skip_all)]";
const C: &str = "#[traced] #[capture_errors]";

/// Every function.
pub(super) const WARNED: &[Warned] = &[
    of(T, "pub fn f(a: u32) {}"),
    of(I, "pub fn f(a: u32) {}"),
    of(T, "pub async fn f(a: u32) {}"),
    of(I, "pub async fn f(a: u32, b: D) -> u64 { b.tap() }"),
    of(
        C,
        "pub fn f(a: u32, b: D) -> Result<u64, Caused> { Ok(b.tap()) }",
    ),
    of(
        C,
        "pub async fn f(a: u32, b: D) -> Result<u64, Caused> { Ok(b.tap()) }",
    ),
    of(
        "#[traced(a)]",
        "pub fn f(a: u32, b: u32) { note_sum(u64::from(a)); }",
    ),
    of(
        "#[instrument(skip(b))]",
        "pub fn f(a: u32, b: u32) { let _ = a; }",
    ),
    of(T, "pub fn f((a, b): (u32, u32)) -> u32 { a }"),
    of(
        T,
        "pub fn f(Parts { left, n, .. }: Parts) -> u64 { left.tap() }",
    ),
    of(
        T,
        "pub fn f(a: u32) -> impl Future<Output = u32> { async move { 1 } }",
    ),
    of(
        T,
        "pub fn f(a: u32) -> Boxed<'static, u32> { Box::pin(async move { 1 }) }",
    ),
    of(
        T,
        "pub fn f(a: u32) -> impl Stream<Item = u32> { no_steps() }",
    ),
    of(T, "pub fn f(a: u32) -> impl Fn(&str) -> &str { |x| x }"),
    of(T, "pub fn f(mut a: u32) -> u32 { a }"),
    of(T, "pub async fn f(mut a: D) -> u64 { a.tap() }"),
    of(
        I,
        "pub fn f(mut a: D) -> Result<u64, Caused> { Ok(a.tap()) }",
    ),
    of(
        T,
        "pub fn f(mut a: D) -> impl Future<Output = u64> { async move { a.tap() } }",
    ),
    of(T, "pub fn f((mut a, _): (D, D)) -> u64 { a.tap() }"),
    of(T, "pub fn f() -> u32 { let mut a = 1; a }"),
    of(T, "pub fn f() { let a = 1; }"),
    of(T, "pub async fn f() { let a = 1; }"),
    of(T, "pub fn f(mut a: u32) { a = 2; }"),
    of(T, "pub async fn f(mut a: u32) { a = 2; }"),
    of(T, "pub fn f(mut a: u32) -> u32 { a = 2; a }"),
    of(T, "pub fn f() -> u32 { return 1; 2 }"),
    of(T, "pub async fn f() -> u32 { return 1; 2 }"),
    of(
        C,
        "pub fn f() -> Result<u32, Caused> { return Ok(1); Ok(2) }",
    ),
    of(T, "pub fn f() { panic!(\"no\"); note_sum(1); }"),
    of(T, "pub fn f() -> u32 { loop {} 1 }"),
    of(T, "pub fn f() -> ! { panic!(\"no\"); note_sum(1); }"),
    of(
        T,
        "pub fn f() -> u32 { if input() == 1 { return 1; note_sum(2); } 2 }",
    ),
    of(T, "pub fn f() { attempt::<Caused>(); }"),
    of(T, "pub async fn f() { attempt::<Caused>(); }"),
    of(T, "pub async fn f() { pause(); }"),
    of(T, "pub fn f() { async {}; }"),
    of(T, "fn f() {}"),
    of(I, "async fn f() {}"),
    of(T, "pub fn f() { fn inner() {} }"),
    of(T, "pub fn f() { use std::collections::HashMap; }"),
    of(T, "pub fn f() { macro_rules! unused { () => {}; } }"),
    of(T, "pub fn f() { 'a: loop { break; } }"),
    of(T, "pub fn f() -> u32 { let a = (1); a }"),
    of(T, "pub fn f() -> u32 { (1) }"),
    of(T, "pub fn f() -> u32 { return (1); }"),
    of(T, "pub fn f() -> u32 { { 1 } }"),
    of(T, "pub fn f(a: u32) -> bool { a >= 0 }"),
    of(T, "pub fn f(a: u32) { a; }"),
    of(T, "pub fn f(a: u32) { a == 1; }"),
    of(T, "pub fn f() { f() }"),
    of(T, "pub fn f(Aa: u32) -> u32 { Aa }"),
    of(T, "pub fn f() -> u32 { while true { return 1; } 2 }"),
    of(
        T,
        "pub fn f(a: Option<u32>) -> u32 { match a { Some(n) => 1, None => 2 } }",
    ),
    of(T, "pub fn f(a: u32) -> u32 { match a { _ => 1, 1 => 2 } }"),
    of(T, "pub fn f(a: u32) -> u32 { let g = |b: u32| 3; g(a) }"),
    of(T, "#[must_use] pub fn f() -> u32 { 1 } pub fn g() { f(); }"),
    of(
        T,
        "#[must_use = \"why\"] pub async fn f() -> u32 { 1 } pub async fn g() { f().await; }",
    ),
    of(T, "pub async fn f() -> u32 { 1 } pub fn g() { f(); }"),
    of(
        T,
        "pub fn f() -> Result<u32, Caused> { Ok(1) } pub fn g() { f(); }",
    ),
    of(
        T,
        "pub fn f() -> impl Future<Output = ()> { async {} } pub fn g() { f(); }",
    ),
    of(T, "#[deprecated] pub fn f() {} pub fn g() { f(); }"),
    of(
        T,
        "#[deprecated = \"why\"] pub async fn f() {} pub async fn g() { f().await; }",
    ),
    of(T, "pub fn f() { #[deprecated] fn old() {} old(); }"),
    of(T, "pub fn f() { /// nothing\n note_sum(1); }"),
    of(T, "pub fn f() { let Some(a) = Some(1) else { return }; }"),
    of(
        T,
        "pub fn f(#[allow(unused_mut)] mut a: u32, b: u32) -> u32 { a }",
    ),
    of(
        T,
        "pub fn f(#[expect(unused_variables)] a: D) -> u64 { a.tap() }",
    ),
    of(T, "pub fn f(a: impl Sized) {}"),
    of(T, "pub fn f<A>(a: A, b: u32) { drop(a); }"),
    of(T, "pub fn f<'a>(a: &str) -> u32 { 1 }"),
    of(T, "pub fn f(a: u32) { let a = 3; note_sum(a); }"),
    used("#[traced(a)]", "pub fn f(a: u32) {}"),
    used("#[traced(?a)]", "pub async fn f(a: D) {}"),
    used("#[instrument]", "pub fn f(a: u32) {}"),
    used("#[instrument]", "pub async fn f(a: D) {}"),
    used("#[traced(fields(b = a + 1))]", "pub fn f(a: u32) {}"),
    used("#[traced(args)]", "pub fn f(a: u32, (b, c): (u32, u32)) {}"),
    used(
        "#[traced(on_failure(?a))]",
        "pub fn f(a: &str) -> Result<u32, Caused> { Ok(1) }",
    ),
];

/// Writes a twin. Both have the same lines and columns.
pub(super) fn module(name: &str, warned: &Warned, annotated: bool) -> String {
    let attribute = if annotated { warned.attribute } else { "//" };
    let uses = "#[allow(unused_imports)]\nuse instrumental_tests_differential::kit::prelude::*;";
    format!(
        "pub mod {name} {{\n{uses}\n{attribute}\n{}\n}}\n",
        warned.function
    )
}
