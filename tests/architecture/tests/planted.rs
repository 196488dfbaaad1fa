//! Planted violations in different spellings, and allowed imports.
#![allow(missing_docs)]

use instrumental_architecture::{Import, Tree, cycles, imports, upward};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn of(files: &[(&str, &str)]) -> Vec<Import> {
    let files = files
        .iter()
        .map(|(file, text)| (PathBuf::from(file), (*text).to_owned()));
    let files: BTreeMap<PathBuf, String> = files.collect();
    imports(&Tree::read(&files, "lib.rs".as_ref()))
}

/// A crate with two floors and the given code in the lower one.
fn model(code: &str) -> Vec<Import> {
    of(&[
        (
            "lib.rs",
            "pub use setup::start; pub use setup::config::Config; #[macro_use] mod model; mod setup;",
        ),
        ("model.rs", code),
        (
            "setup/mod.rs",
            "pub(crate) mod config; pub(crate) fn start() {}",
        ),
        (
            "setup/config.rs",
            "pub struct Config; #[macro_export] macro_rules! configured { () => { $crate::model::m() } }",
        ),
    ])
}

#[test]
fn an_upward_import_is_rejected_in_every_spelling() {
    for code in [
        "use crate::setup::start; fn m() {}",
        "use crate::setup; fn m() { setup::start() }",
        "use crate::setup::*; fn m() { start() }",
        "use crate::{setup::{config::Config as C}}; fn m(_: C) {}",
        "use super::setup::config; fn m(_: config::Config) {}",
        "fn m() { crate::setup::start() }",
        "fn m() { use crate::setup::start; start() }",
        "fn m() -> Option<super::setup::config::Config> { None }",
        "impl From<crate::setup::config::Config> for u8 { fn from(_: crate::Config) -> u8 { 0 } }",
        "fn m() { assert!(matches!(Some(crate::setup::config::Config), Some(_))) }",
        "macro_rules! up { () => { $crate::setup::start() } } fn m() { }",
        "macro_rules! up { () => { use $crate::setup::{config::Config, start}; } } fn m() { }",
        "fn m() { crate::configured!() }",
        "pub(crate) use crate::setup::start; fn m() {}",
        // Through a re-export of the root.
        "fn m(_: crate::Config) {}",
        "mod inner { pub(crate) fn m() { super::super::setup::start() } }",
    ] {
        let messages = upward(&model(code));
        assert!(!messages.is_empty(), "not rejected: {code}");
        let place = messages.iter().all(|message| {
            message.contains("model.rs:1: `") && message.contains("belongs to setup")
        });
        assert!(place, "{code}: {messages:?}");
    }
}

#[test]
fn imports_that_point_down_or_to_other_crates_are_allowed() {
    for code in [
        "fn m() {}",
        // Names of another crate.
        "use setup::start; fn m() { ::setup::start(); start() }",
        "fn m(setup: u8) { let config = setup; assert!(config == setup) }",
        // Test code.
        "#[cfg(test)] mod tests { use crate::setup::start; #[test] fn t() { start() } }",
        "#[cfg(all(test, unix))] use crate::setup::start; fn m() {}",
        // Text.
        "/// See [`crate::setup`].\nfn m() { println!(\"crate::setup::start\") }",
    ] {
        assert_eq!(upward(&model(code)), Vec::<String>::new(), "{code}");
    }
    let down = of(&[
        ("lib.rs", "mod model; mod setup;"),
        ("model.rs", "pub(crate) struct Site;"),
        ("setup.rs", "fn s(_: crate::model::Site) {}"),
    ]);
    assert_eq!(upward(&down), Vec::<String>::new());
    assert_eq!(down.len(), 1);
}

#[test]
fn a_folder_that_is_not_a_floor_is_reported() {
    let messages = upward(&of(&[
        ("lib.rs", "mod attic; mod model;"),
        ("attic.rs", "use crate::model::M;"),
        ("model.rs", "pub(crate) struct M;"),
    ]));
    assert!(
        messages[0].contains("`attic` is not a known floor"),
        "{messages:?}"
    );
}

/// A crate of three files: `a`, and the folder `b` with `b::c`.
fn three(a: &str, b: &str, c: &str) -> Vec<String> {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", a),
        ("b/mod.rs", b),
        ("b/c.rs", c),
    ];
    cycles(&of(&files))
}

const CYCLES: [(&str, &str, &str); 9] = [
    // Two files.
    (
        "use crate::b::c::C; pub struct A;",
        "pub mod c;",
        "use crate::a::A; pub struct C;",
    ),
    // Through a facade that re-exports.
    (
        "use crate::b::C; pub struct A;",
        "mod c; pub use c::C;",
        "use crate::a::A; pub struct C;",
    ),
    (
        "use crate::b::*; pub struct A(C);",
        "mod c; pub use c::*;",
        "pub struct C(crate::a::A);",
    ),
    // A parent and its child.
    (
        "",
        "mod c; pub struct B(c::C);",
        "use super::B; pub struct C;",
    ),
    (
        "",
        "mod c; use c::C; pub struct B; fn b(_: C) {}",
        "use super::*; pub struct C(B);",
    ),
    // Three files.
    (
        "pub struct A(crate::b::B);",
        "pub mod c; pub struct B(c::C);",
        "pub struct C(crate::a::A);",
    ),
    // In macros.
    (
        "pub fn a() { vec![crate::b::c::C]; }",
        "pub mod c;",
        "pub struct C; fn c() { assert!(crate::a::a() == ()) }",
    ),
    (
        "macro_rules! a { () => { $crate::b::c::C } } pub(crate) use a;",
        "pub mod c;",
        "pub struct C; fn c() { crate::a::a!() }",
    ),
    // A cycle through test code.
    (
        "pub struct A(crate::b::c::C);",
        "pub mod c;",
        "pub struct C; #[cfg(test)] mod tests { use crate::a::A; fn t(_: A) {} }",
    ),
];

#[test]
fn files_that_import_each_other_are_rejected() {
    for (a, b, c) in CYCLES {
        let messages = three(a, b, c);
        assert_eq!(messages.len(), 1, "not rejected: {a} | {b} | {c}");
        assert!(messages[0].contains("b/c.rs:1 uses `"), "{messages:?}");
    }
}

#[test]
fn files_that_do_not_import_each_other_are_allowed() {
    for (a, b, c) in [
        // A parent uses its child, or the child its parent.
        (
            "use crate::b::C; pub struct A(C);",
            "mod c; pub use c::C;",
            "pub struct C;",
        ),
        (
            "",
            "mod c; pub struct B; pub use c::C;",
            "use super::B; pub struct C(B);",
        ),
        ("", "mod c; use c::C; pub struct B(C);", "pub struct C;"),
        // A file imports another through a re-export of its parent.
        (
            "pub struct A;",
            "mod c; pub use c::C; pub(crate) use crate::a::A;",
            "use super::A; pub struct C(A);",
        ),
        // A function with the name of its module, and a module in the tokens of a macro.
        (
            "pub struct A;",
            "pub mod c; fn b() { c::c() }",
            "pub fn c() {} macro_rules! d { () => { mod e { use super::c; } } }",
        ),
    ] {
        assert_eq!(three(a, b, c), Vec::<String>::new(), "{a} | {b} | {c}");
    }
}

#[test]
fn a_cycle_lists_its_files_and_no_others() {
    let messages = three(
        "use crate::b::c::C; pub struct A;",
        "pub mod c; use c::C; fn b(_: C) {}",
        "use crate::a::A; pub struct C;",
    );
    assert!(
        messages[0].starts_with("2 files import each other"),
        "{messages:?}"
    );
    assert!(!messages[0].contains("mod.rs"), "{messages:?}");
}
