//! Return types. `ERR` is a placeholder for the error type.

/// A return type, and how a body makes a value of it from `sum`.
#[derive(Debug)]
pub(super) struct Return {
    pub(super) tag: &'static str,
    pub(super) ty: &'static str,
    pub(super) value: &'static str,
    /// The value of an early return, if there can be one.
    pub(super) early: Option<&'static str>,
    /// An expression with `?`.
    pub(super) question: &'static str,
    /// How the value, `out`, is formatted.
    pub(super) show: &'static str,
    pub(super) kind: Kind,
    /// A generic parameter, a parameter that uses it, and an argument.
    pub(super) generic: Option<Extra>,
    /// Whether `#[capture_errors]` finds an error type.
    pub(super) fallible: bool,
    /// Whether the value, apart from its error, implements `Debug`.
    pub(super) debug: bool,
}

/// An extra parameter: the generic parameter, the function's parameter, and the argument.
pub(super) type Extra = (&'static str, &'static str, &'static str);

/// What a type can be combined with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Everything.
    Plain,
    /// Contains an `impl ..`.
    Opaque,
    /// A closure whose types are inferred from the declared type.
    Closure,
    /// Never returns.
    Never,
    /// A unique borrow.
    Borrowed,
    /// The receiver of the method.
    Receiver,
}

const R: Return = Return {
    tag: "",
    ty: "",
    value: "",
    early: None,
    question: "",
    show: "out.show()",
    kind: Kind::Plain,
    generic: None,
    fallible: false,
    debug: true,
};

const ATTEMPT: &str = "attempt::<ERR>()?";

/// Every return type.
pub(super) const RETURNS: &[Return] = &[
    Return {
        tag: "nothing",
        value: "note_sum(sum);",
        early: Some(""),
        ..R
    },
    Return {
        tag: "number",
        ty: "u64",
        value: "sum",
        early: Some("0"),
        ..R
    },
    Return {
        tag: "string",
        ty: "String",
        value: "format!(\"{sum}\")",
        early: Some("String::new()"),
        ..R
    },
    Return {
        tag: "dropped",
        ty: "D",
        value: "D(\"out\")",
        early: Some("D(\"early\")"),
        ..R
    },
    Return {
        tag: "option",
        ty: "Option<u64>",
        value: "Some(sum)",
        early: Some("None"),
        question: "perhaps()?",
        ..R
    },
    Return {
        tag: "result",
        ty: "Result<u64, ERR>",
        value: "Ok(sum)",
        early: Some("Err(Make::make())"),
        question: ATTEMPT,
        fallible: true,
        ..R
    },
    Return {
        tag: "result_of_nothing",
        ty: "Result<(), ERR>",
        value: "{ note_sum(sum); Ok(()) }",
        early: Some("Err(Make::make())"),
        question: ATTEMPT,
        fallible: true,
        ..R
    },
    Return {
        tag: "result_of_dropped",
        ty: "Res<D, ERR>",
        value: "Ok(D(\"out\"))",
        early: Some("Err(Make::make())"),
        question: ATTEMPT,
        fallible: true,
        ..R
    },
    Return {
        tag: "option_of_result",
        ty: "Option<Result<u64, ERR>>",
        value: "Some(Ok(sum))",
        early: Some("Some(Err(Make::make()))"),
        question: "perhaps()?",
        fallible: true,
        ..R
    },
    Return {
        tag: "poll",
        ty: "Poll<Result<u64, ERR>>",
        value: "Poll::Ready(Ok(sum))",
        early: Some("Poll::Ready(Err(Make::make()))"),
        fallible: true,
        ..R
    },
    Return {
        tag: "control_flow",
        ty: "ControlFlow<ERR, u64>",
        value: "ControlFlow::Continue(sum)",
        early: Some("ControlFlow::Break(Make::make())"),
        ..R
    },
    Return {
        tag: "pair_with_result",
        ty: "(u64, Result<u64, ERR>)",
        value: "(1, Ok(sum))",
        early: Some("(0, Err(Make::make()))"),
        ..R
    },
    Return {
        tag: "boxed_result",
        ty: "Box<Result<u64, ERR>>",
        value: "Box::new(Ok(sum))",
        early: Some("Box::new(Err(Make::make()))"),
        ..R
    },
    Return {
        tag: "never",
        ty: "!",
        value: "panic!(\"never {sum}\")",
        show: "out",
        kind: Kind::Never,
        ..R
    },
    Return {
        tag: "fn_of_text",
        ty: "impl Fn(&str) -> &str",
        value: "|text| text",
        show: "out(\"abc\").show()",
        kind: Kind::Closure,
        debug: false,
        ..R
    },
    Return {
        tag: "fn_for_any_lifetime",
        ty: "impl for<'x> Fn(&'x str) -> &'x str",
        value: "|text| { if text.is_empty() { return \"none\"; } text }",
        show: "out(\"abc\").show()",
        kind: Kind::Closure,
        debug: false,
        ..R
    },
    Return {
        tag: "fn_of_reference",
        ty: "impl Fn(&u64) -> bool",
        value: "move |i| *i > sum",
        show: "out(&3).show()",
        kind: Kind::Closure,
        debug: false,
        ..R
    },
    Return {
        tag: "fn_once",
        ty: "impl FnOnce(u8) -> u8",
        value: "{ let held = D(\"held\"); move |n| { drop(held); n + 1 } }",
        show: "out(3).show()",
        kind: Kind::Closure,
        debug: false,
        ..R
    },
    Return {
        tag: "fn_mut",
        ty: "impl FnMut() -> u64",
        value: "{ let mut n = sum; move || { n += 1; n } }",
        show: "{ let mut out = out; out().show() }",
        kind: Kind::Closure,
        debug: false,
        ..R
    },
    Return {
        tag: "optional_fn",
        ty: "Option<impl Fn(&str) -> usize>",
        value: "Some(|text: &str| text.len())",
        show: "out.map(|f| f(\"abc\")).show()",
        kind: Kind::Closure,
        debug: false,
        ..R
    },
    Return {
        tag: "fn_and_number",
        ty: "(impl Fn(u64) -> u64, u64)",
        value: "(move |n| n + sum, 1)",
        show: "(out.0(2), out.1).show()",
        kind: Kind::Closure,
        debug: false,
        ..R
    },
    Return {
        tag: "boxed_fn",
        ty: "Box<dyn Fn(&str) -> &str>",
        value: "Box::new(|text| text)",
        show: "out(\"abc\").show()",
        kind: Kind::Closure,
        debug: false,
        ..R
    },
    Return {
        tag: "result_of_fn",
        ty: "Result<impl Fn(&str) -> usize, ERR>",
        value: "Ok(|text: &str| text.len())",
        early: Some("Err(Make::make())"),
        question: ATTEMPT,
        show: "out.map(|f| f(\"abc\")).show()",
        kind: Kind::Closure,
        fallible: true,
        debug: false,
        ..R
    },
    Return {
        tag: "iterator",
        ty: "impl Iterator<Item = u64>",
        value: "0..sum.min(3)",
        early: Some("0..0"),
        show: "out.collect::<Vec<_>>().show()",
        kind: Kind::Opaque,
        ..R
    },
    Return {
        tag: "result_of_iterator",
        ty: "Result<impl Iterator<Item = u64>, ERR>",
        value: "Ok((0..sum.min(3)).filter(|n| n % 2 == 0))",
        early: Some("Err(Make::make())"),
        question: ATTEMPT,
        show: "out.map(Iterator::collect::<Vec<_>>).show()",
        kind: Kind::Opaque,
        fallible: true,
        debug: false,
        ..R
    },
    Return {
        tag: "into",
        ty: "impl Into<u64>",
        value: "sum",
        early: Some("0"),
        show: "out.into().show()",
        kind: Kind::Opaque,
        debug: false,
        ..R
    },
    Return {
        tag: "display",
        ty: "impl std::fmt::Display + Clone",
        value: "format!(\"{sum}\")",
        early: Some("String::new()"),
        show: "out.to_string().show()",
        kind: Kind::Opaque,
        debug: false,
        ..R
    },
    Return {
        tag: "displays",
        ty: "Vec<impl std::fmt::Display>",
        value: "vec![sum]",
        early: Some("vec![]"),
        show: "out.len().show()",
        kind: Kind::Opaque,
        debug: false,
        ..R
    },
    Return {
        tag: "text_of_argument",
        ty: "&'k str",
        value: "kept",
        early: Some("\"early\""),
        generic: Some(("'k", "kept: &'k str", "\"kept\"")),
        ..R
    },
    Return {
        tag: "part_of_argument",
        ty: "&'k mut u64",
        value: "&mut kept[0]",
        early: Some("&mut kept[1]"),
        kind: Kind::Borrowed,
        generic: Some(("'k", "kept: &'k mut [u64]", "&mut [1, 2]")),
        ..R
    },
    Return {
        tag: "result_of_part",
        ty: "Result<&'k mut u64, ERR>",
        value: "Ok(&mut kept[0])",
        early: Some("Err(Make::make())"),
        question: ATTEMPT,
        kind: Kind::Borrowed,
        generic: Some(("'k", "kept: &'k mut [u64]", "&mut [1, 2]")),
        fallible: true,
        ..R
    },
    Return {
        tag: "iterator_of_argument",
        ty: "impl Iterator<Item = &'k u64>",
        value: "kept.iter().skip(1)",
        show: "out.collect::<Vec<_>>().show()",
        kind: Kind::Opaque,
        generic: Some(("'k", "kept: &'k [u64]", "&[1, 2]")),
        debug: false,
        ..R
    },
    Return {
        tag: "this",
        ty: "Self",
        value: "self",
        show: "out.n.show()",
        kind: Kind::Receiver,
        debug: false,
        ..R
    },
    Return {
        tag: "result_of_this",
        ty: "Result<Self, ERR>",
        value: "Ok(self)",
        early: Some("Err(Make::make())"),
        question: ATTEMPT,
        show: "out.map(|out| out.n).show()",
        kind: Kind::Receiver,
        fallible: true,
        debug: false,
        ..R
    },
];
