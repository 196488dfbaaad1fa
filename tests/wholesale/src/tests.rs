use crate::plan::{Mode, Plan};
use crate::rewrite::{Rewritten, rewrite};
use crate::rules::Reason;

const TRACED: &str = Mode::Traced.text();
const INSTRUMENT: &str = Mode::Instrument.text();
const BULK: &str = Mode::Bulk.text();

fn rewritten(source: &str, plan: &Plan) -> Rewritten {
    let rewritten = rewrite(source, plan).expect("a file of Rust");
    let lines = |text: &str| text.split('\n').count();
    assert_eq!(lines(&rewritten.text), lines(source), "a line has moved");
    rewritten
}

/// Asserts that the source is rewritten to `expected`, in which `§` is the mode's attribute.
fn becomes(mode: Mode, source: &str, expected: &str) -> Rewritten {
    let rewritten = rewritten(source, &Plan::new(mode));
    assert_eq!(rewritten.text, expected.replace('§', mode.text()));
    rewritten
}

fn names(rewritten: &Rewritten) -> Vec<&str> {
    let functions = rewritten.functions.iter();
    functions.map(|found| found.name.as_str()).collect()
}

fn reasons(rewritten: &Rewritten) -> Vec<(Reason, usize)> {
    let left_out = rewritten.left_out.iter();
    left_out.map(|left| (left.reason, left.count)).collect()
}

#[test]
fn each_mode_has_its_attribute() {
    let source = "fn f() {}";
    for (mode, text) in [
        (Mode::Traced, TRACED),
        (Mode::Instrument, INSTRUMENT),
        (Mode::Bulk, BULK),
    ] {
        becomes(mode, source, &format!("{text}fn f() {{}}"));
    }
}

#[test]
fn attributes_are_inserted_between_other_attributes_and_the_signature() {
    let source = "\
/// Documented.
#[inline] // a comment
#[cfg(test)] pub(crate) async unsafe fn a() {}
/** b */ extern \"C\" fn b() {}
#[test]

/* here */ fn c() { #![allow(unused)] }
impl S { #[inline] pub fn d(self) {} default fn e() {} }
trait T { #[must_use] fn f(&self) -> u8 { 1 } }
";
    let expected = "\
/// Documented.
#[inline] // a comment
#[cfg(test)] §pub(crate) async unsafe fn a() {}
/** b */ §extern \"C\" fn b() {}
#[test]

/* here */ §fn c() { #![allow(unused)] }
impl S { #[inline] §pub fn d(self) {} §default fn e() {} }
trait T { #[must_use] §fn f(&self) -> u8 { 1 } }
";
    let done = becomes(Mode::Instrument, source, expected);
    assert_eq!(names(&done), ["a", "b", "c", "d", "e", "f"]);
    let lines = done.functions.iter().map(|found| (found.first, found.line));
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines, [(1, 3), (4, 4), (5, 7), (8, 8), (8, 8), (9, 9)]);
}

#[test]
fn functions_are_found_wherever_items_can_be() {
    becomes(
        Mode::Traced,
        "mod m { mod n { fn a() { fn b() { impl S { fn c() {} } } } } }\n\
         const C: u8 = { fn d() {} 1 };\n\
         static S: [fn(); { fn e() {} 1 }] = [|| { fn f() {} }];\n\
         fn g(x: [u8; { fn h() {} 3 }]) { let x = async { fn i() {} }; match x { _ => { fn j() {} } } }",
        "mod m { mod n { §fn a() { §fn b() { impl S { §fn c() {} } } } } }\n\
         const C: u8 = { §fn d() {} 1 };\n\
         static S: [fn(); { §fn e() {} 1 }] = [|| { §fn f() {} }];\n\
         §fn g(x: [u8; { §fn h() {} 3 }]) { let x = async { §fn i() {} }; match x { _ => { §fn j() {} } } }",
    );
}

#[test]
fn columns_count_characters() {
    becomes(
        Mode::Traced,
        "\u{feff}/* ä€𝄞 */ fn a() {}\r\nconst X: &str = \"\n𝄞\"; fn b() {}\n#[doc = \"ü\"] fn r#fn() {}",
        "\u{feff}/* ä€𝄞 */ §fn a() {}\r\nconst X: &str = \"\n𝄞\"; §fn b() {}\n#[doc = \"ü\"] §fn r#fn() {}",
    );
}

#[test]
fn a_shebang_and_inner_attributes_stay_first() {
    becomes(
        Mode::Traced,
        "#!/usr/bin/env run\n//! Text.\n#![no_std]\n\nfn a() {}",
        "#!/usr/bin/env run\n//! Text.\n#![no_std]\n\n§fn a() {}",
    );
}

#[test]
fn every_function_left_out_has_a_reason() {
    let source = "\
const fn a() {} impl S { pub const unsafe fn b() {} }
trait T { fn c(&self); const D: fn(); }
extern \"C\" { fn e(); static F: u8; }
#[unsafe(naked)] extern \"C\" fn g() {}
#[panic_handler] fn h(_: &Info) -> ! { loop {} }
unsafe impl core::alloc::GlobalAlloc for A { unsafe fn alloc(&self) { fn i() {} } }
macro_rules! m { ($n:ident) => { fn $n() { fn j() {} } }; }
cfg_io! { fn k(f: fn()) {} }
fn l() { quote!(fn m() {}); }
";
    let expected = source.replace("fn i", "§fn i").replace("fn l", "§fn l");
    let done = becomes(Mode::Traced, source, &expected);
    assert_eq!(names(&done), ["i", "l"]);
    assert_eq!(
        reasons(&done),
        [
            (Reason::Const, 1),
            (Reason::Const, 1),
            (Reason::Declaration, 1),
            (Reason::Foreign, 1),
            (Reason::Naked, 1),
            (Reason::PanicHandler, 1),
            (Reason::Allocator, 1),
            (Reason::MacroRules, 2),
            (Reason::MacroInput, 1),
            (Reason::MacroInput, 1),
        ]
    );
}

#[test]
fn in_bulk_one_attribute_covers_an_item() {
    let source = "\
fn a() {}
impl S { fn b() { fn c() {} } const fn d() {} }
/// A trait.
pub trait T { fn e(); fn f() { impl S { fn g() {} } } }
#[cfg(test)] mod m { use super::*; fn h() {} impl T for S { fn i() {} } mod n { fn j() {} } }
";
    let expected = "\
§fn a() {}
§impl S { fn b() { §fn c() {} } const fn d() {} }
/// A trait.
§pub trait T { fn e(); fn f() { §impl S { fn g() {} } } }
#[cfg(test)] §mod m { use super::*; fn h() {} impl T for S { fn i() {} } mod n { fn j() {} } }
";
    let done = becomes(Mode::Bulk, source, expected);
    let all = ["a", "b", "c", "f", "g", "h", "i", "j"];
    assert_eq!(names(&done), all);
}

#[test]
fn in_bulk_an_item_without_functions_gets_no_attribute() {
    let source = "\
impl S { const fn a() {} const B: u8 = { fn b() {} 1 }; }
trait T { fn c(); }
mod m { mod n { const fn d() {} } }
mod o;
";
    becomes(Mode::Bulk, source, &source.replace("fn b", "§fn b"));
}

#[test]
fn in_bulk_the_items_of_a_module_that_cannot_be_annotated_are() {
    becomes(
        Mode::Bulk,
        "mod m { mod file; fn a() {} mod n { fn b() {} } }\n\
         mod p { #[macro_export] macro_rules! x { () => {} } impl S { fn c() {} } }",
        "mod m { mod file; §fn a() {} §mod n { fn b() {} } }\n\
         mod p { #[macro_export] macro_rules! x { () => {} } §impl S { fn c() {} } }",
    );
}

#[test]
fn in_bulk_a_function_left_out_gets_skip() {
    let skip = "#[::instrumental::traced(skip)] ";
    let done = becomes(
        Mode::Bulk,
        "mod m { fn a() {} #[unsafe(naked)] fn b() {} impl GlobalAlloc for A { fn c() {} } const fn d() {} }",
        &format!(
            "§mod m {{ fn a() {{}} #[unsafe(naked)] {skip}fn b() {{}} \
             impl GlobalAlloc for A {{ {skip}fn c() {{}} }} const fn d() {{}} }}"
        ),
    );
    assert_eq!(names(&done), ["a"]);
}

#[test]
fn functions_are_left_out_by_line() {
    let mut plan = Plan::new(Mode::Traced);
    plan.leave_out = vec![2];
    let done = rewritten("fn a() {}\nfn b() {}\n#[inline]\nfn c() {}", &plan);
    assert_eq!(names(&done), ["a", "c"]);
    assert_eq!(reasons(&done), [(Reason::Requested, 1)]);
    assert!(done.text.contains("\nfn b"));
}

#[test]
fn tests_begin_with_the_statement() {
    let mut plan = Plan::new(Mode::Bulk);
    plan.begin_tests = Some("on();".to_owned());
    let source = "\
#[test] fn a() { x() }
#[tokio::test(flavor = \"x\")] async fn b() { #![allow(y)]
    x() }
#[test] fn c() {}
fn d() { x() }";
    let expected = "\
#[test] §fn a() { on(); x() }
#[tokio::test(flavor = \"x\")] §async fn b() { #![allow(y)]
    on(); x() }
#[test] §fn c() {on(); }
§fn d() { x() }";
    assert_eq!(rewritten(source, &plan).text, expected.replace('§', BULK));
}

#[test]
fn each_annotated_function_is_marked_and_no_other() {
    let mut plan = Plan::new(Mode::Bulk);
    plan.mark = Some("src/a.rs".to_owned());
    let source = "\
#[inline] pub
    fn a() {}
impl S { const fn b() {} fn r#fn() { fn d() {} } }
trait T { fn e(); }";
    let expected = "\
#[inline] [src/a.rs:2:a]§pub
    fn a() {}
§impl S { const fn b() {} [src/a.rs:3:fn]fn r#fn() { [src/a.rs:3:d]§fn d() {} } }
trait T { fn e(); }";
    let expected = expected
        .replace("[src", "#[allow(clippy::wholesale, reason = \"src")
        .replace(":a]", ":a\")] ")
        .replace(":fn]", ":fn\")] ")
        .replace(":d]", ":d\")] ");
    assert_eq!(rewritten(source, &plan).text, expected.replace('§', BULK));
}

#[test]
fn edition_2015_declares_the_crate_before_its_first_item() {
    let mut plan = Plan::new(Mode::Traced);
    plan.extern_crate = true;
    let done = rewritten("//! Text.\n/// f\nfn f() {}", &plan);
    let expected = "//! Text.\nextern crate instrumental; /// f\n§fn f() {}";
    assert_eq!(done.text, expected.replace('§', TRACED));
    let done = rewritten("fn f() {}", &plan);
    let expected = "extern crate instrumental; §fn f() {}";
    assert_eq!(done.text, expected.replace('§', TRACED));
}

#[test]
fn a_file_that_does_not_parse_is_an_error() {
    let error = rewrite("{ 1 + }", &Plan::new(Mode::Traced)).expect_err("no item");
    assert!(!error.to_string().is_empty());
}
