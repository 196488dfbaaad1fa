//! Statements of bodies. `EARLY` is a placeholder for a return, `QUESTION` for an expression with `?`.

/// Statements that change or read `sum`.
#[derive(Debug)]
pub(super) struct Snippet {
    pub(super) tag: &'static str,
    pub(super) text: &'static str,
    pub(super) needs: Needs,
}

/// What a snippet requires of the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    Await,
    Early,
    Question,
    /// Must come first in a body.
    First,
}

const fn any(tag: &'static str, text: &'static str) -> Snippet {
    Snippet {
        tag,
        text,
        needs: Needs::Nothing,
    }
}

/// Every snippet.
pub(super) const SNIPPETS: &[Snippet] = &[
    Snippet {
        tag: "inner_allow",
        text: "#![allow(unused_mut, clippy::all)]",
        needs: Needs::First,
    },
    Snippet {
        tag: "early",
        text: "if input() == 1 { EARLY; }",
        needs: Needs::Early,
    },
    Snippet {
        tag: "let_else",
        text: "let Some(found) = perhaps() else { EARLY; }; sum += found;",
        needs: Needs::Early,
    },
    Snippet {
        tag: "question",
        text: "sum += QUESTION;",
        needs: Needs::Question,
    },
    Snippet {
        tag: "question_with_local",
        text: "let _local = D(\"before\"); sum += QUESTION; let _later = D(\"later\");",
        needs: Needs::Question,
    },
    Snippet {
        tag: "pause",
        text: "pause().await;",
        needs: Needs::Await,
    },
    Snippet {
        tag: "pause_with_local",
        text: "let _local = D(\"across\"); pause().await;",
        needs: Needs::Await,
    },
    Snippet {
        tag: "inner_future",
        text: "sum += async { pause().await; let _inner = D(\"inner\"); 3 }.await;",
        needs: Needs::Await,
    },
    Snippet {
        tag: "early_after_pause",
        text: "pause().await; if input() == 1 { EARLY; }",
        needs: Needs::Await,
    },
    Snippet {
        tag: "pause_in_scrutinee",
        text: "match D(\"scrutinee\").with(pause()).await { () => sum += 1 }",
        needs: Needs::Await,
    },
    any("loop", "sum += loop { if sum > 3 { break 2; } sum += 1; };"),
    any(
        "labelled_block",
        "sum += 'out: { if input() == 3 { break 'out 1; } 2 };",
    ),
    any(
        "nested_loops",
        "'outer: for n in 0..3 { for m in 0..3 { if n * m > 1 { break 'outer; } sum += 1; } }",
    ),
    any("assert", "assert!(input() != 2, \"at {sum}\");"),
    any("index", "sum += [1, 2][if input() == 2 { 9 } else { 0 }];"),
    any("unwrap", "sum += (input() != 2).then_some(1).unwrap();"),
    any(
        "expect",
        "sum += \"12\".parse::<u64>().ok().filter(|_| input() != 2).expect(\"a number\");",
    ),
    any(
        "divide",
        "sum += u64::from(10 / (2 - input() % 4).max(if input() == 2 { 0 } else { 1 }));",
    ),
    any(
        "panic_in_closure",
        "let checked = |n: u64| { assert!(input() != 2, \"in a closure: {n}\"); n }; sum += checked(1);",
    ),
    any(
        "panic_in_nested",
        "fn checked(n: u64) -> u64 { assert!(input() != 2, \"nested {n}\"); n } sum += checked(1);",
    ),
    any(
        "nested_function",
        "fn twice(n: u64) -> u64 { n * 2 } sum = twice(sum);",
    ),
    any(
        "mutable_closure",
        "let mut add = |n: u64| sum += n; add(1); add(2);",
    ),
    any(
        "returning_closure",
        "let pick = |n: u64| { if n > 2 { return 1; } n }; sum += pick(sum);",
    ),
    any(
        "macro",
        "macro_rules! twice { ($e:expr) => { $e * 2 }; } sum = twice!(sum);",
    ),
    any(
        "items",
        "const K: u64 = 3; struct Local(u64); impl Local { fn get(&self) -> u64 { self.0 } } sum += Local(K).get();",
    ),
    any("local", "let _guard = D(\"local\");"),
    any("at_once", "let _ = D(\"at once\"); sum += 1;"),
    any(
        "shadowed",
        "let l = D(\"first\"); let l = (l, D(\"second\")); sum += l.0.tap();",
    ),
    any(
        "scrutinee",
        "match D(\"scrutinee\").tap() { 0 => sum += 1, n => sum += n }",
    ),
    any(
        "if_let_chain",
        "if let Some(n) = perhaps() && n > 1 { sum += n; }",
    ),
    any(
        "place",
        "sum += u64::from(line!() - BASE) * 100 + u64::from(column!());",
    ),
    any(
        "module",
        "note(module_path!().rsplit(\"::\").next().unwrap_or_default().replace(\"plain\", \"t\").replace(\"annotated\", \"t\"));",
    ),
    any("caller", "note_caller();"),
    any(
        "import",
        "use std::collections::BTreeMap; let map = BTreeMap::from([(1, sum)]); sum += map[&1];",
    ),
    any("stack", "stack();"),
    any("stack_twice", "stack(); sum += 1; stack();"),
];

/// The last expressions of bodies. `VALUE` is a placeholder for the value.
pub(super) const TAILS: &[(&str, &str)] = &[
    ("value", "VALUE"),
    ("value_again", "VALUE"),
    ("returned", "return VALUE;"),
    ("block", "{ let _block = D(\"block\"); VALUE }"),
    ("temporary", "D(\"temporary\").with(VALUE)"),
    (
        "if",
        "if input() == 9 { unreachable!(\"no such input\") } else { VALUE }",
    ),
    ("match", "match sum { 0 => unreachable!(), _ => VALUE }"),
];
