//! Parameters. `NAME` stands for the parameter's letter, `UPPER` for it as a capital, `LIFE` for the lifetime of
//! references where the function names one, and `BOUND` for `+ 'l` there.

/// A parameter: how it is written, what is given for it, and what a body can do with it.
#[derive(Debug)]
pub(super) struct Param {
    pub(super) tag: &'static str,
    pub(super) attribute: &'static str,
    pub(super) pattern: &'static str,
    pub(super) ty: &'static str,
    pub(super) given: &'static str,
    /// One of them is chosen.
    pub(super) uses: &'static [&'static str],
    pub(super) generic: &'static str,
    /// What an attribute can record of it.
    pub(super) record: &'static str,
    /// Whether `#[instrument]` can record it.
    pub(super) debug: bool,
    pub(super) send: bool,
    /// Whether the body leaves it as it is until the call ends.
    pub(super) kept: bool,
}

const P: Param = Param {
    tag: "",
    attribute: "",
    pattern: "NAME",
    ty: "D",
    given: "",
    uses: &[""],
    generic: "",
    record: "",
    debug: true,
    send: true,
    kept: false,
};

const TAKEN: &[&str] = &[
    "sum += NAME.tap();",
    "drop(NAME);",
    "if input() == 3 { drop(NAME); }",
    "let _moved = NAME;",
    "sum += eat(NAME);",
    "let held = move || NAME.tap(); sum += held();",
    "if input() != 3 { sum += eat(NAME); } else { sum += NAME.tap(); }",
];

/// Every parameter.
pub(super) const PARAMS: &[Param] = &[
    Param {
        tag: "number",
        ty: "u32",
        given: "7",
        uses: &["sum += u64::from(NAME);"],
        record: "NAME",
        kept: true,
        ..P
    },
    Param {
        tag: "mut_number",
        pattern: "mut NAME",
        ty: "u32",
        given: "7",
        uses: &[
            "NAME += 1; sum += u64::from(NAME);",
            "if input() == 3 { NAME = 1; } sum += u64::from(NAME);",
        ],
        record: "NAME",
        ..P
    },
    Param {
        tag: "text",
        ty: "&LIFEstr",
        given: "\"abc\"",
        uses: &["sum += NAME.len() as u64;"],
        record: "NAME",
        kept: true,
        ..P
    },
    Param {
        tag: "string",
        ty: "String",
        given: "String::from(\"abc\")",
        uses: &[
            "sum += NAME.len() as u64;",
            "drop(NAME);",
            "sum += NAME.into_bytes().len() as u64;",
        ],
        record: "NAME",
        ..P
    },
    Param {
        tag: "drop",
        given: "D(\"NAME\")",
        uses: TAKEN,
        ..P
    },
    Param {
        tag: "drop_again",
        given: "D(\"NAME\")",
        uses: TAKEN,
        ..P
    },
    Param {
        tag: "mut_drop",
        pattern: "mut NAME",
        given: "D(\"NAME\")",
        uses: &[
            "NAME.rename(\"again\"); sum += NAME.tap();",
            "NAME = D(\"other\"); sum += NAME.tap();",
        ],
        ..P
    },
    Param {
        tag: "wild",
        pattern: "_",
        given: "D(\"NAME\")",
        ..P
    },
    Param {
        tag: "underscore",
        pattern: "_NAME",
        given: "D(\"NAME\")",
        ..P
    },
    Param {
        tag: "underscore_mut",
        pattern: "mut _NAME",
        ty: "Txn",
        given: "Txn::default()",
        uses: &["_NAME.n += 1;"],
        ..P
    },
    Param {
        tag: "txn",
        pattern: "mut NAME",
        ty: "Txn",
        given: "Txn::default()",
        uses: &[
            "NAME.committed = true;",
            "NAME.n += 2; NAME.committed = input() == 0;",
            "if input() == 3 { NAME.committed = true; drop(NAME); } else { NAME.n += 1; }",
        ],
        ..P
    },
    Param {
        tag: "half_tuple",
        pattern: "(NAME, _)",
        ty: "(D, D)",
        given: "(D(\"NAME\"), D(\"NAME rest\"))",
        uses: TAKEN,
        ..P
    },
    Param {
        tag: "tuple",
        pattern: "(NAME, mut NAMEn)",
        ty: "(D, u32)",
        given: "(D(\"NAME\"), 2)",
        uses: &[
            "NAMEn += 1; sum += u64::from(NAMEn) + NAME.tap();",
            "NAMEn += 1; sum += u64::from(NAMEn) + eat(NAME);",
        ],
        ..P
    },
    Param {
        tag: "rest",
        pattern: "Parts { left: NAME, .. }",
        ty: "Parts",
        given: "Parts::new(\"NAME left\", \"NAME right\")",
        uses: TAKEN,
        ..P
    },
    Param {
        tag: "parts",
        ty: "Parts",
        given: "Parts::new(\"NAME left\", \"NAME right\")",
        uses: &[
            "drop(NAME.left);",
            "if input() == 3 { drop(NAME.right); }",
            "let Parts { left, .. } = NAME; sum += left.tap();",
            "let all = (NAME.right, NAME.left); sum += all.0.tap();",
            "sum += u64::from(NAME.n);",
        ],
        ..P
    },
    Param {
        tag: "mut_parts",
        pattern: "mut NAME",
        ty: "Parts",
        given: "Parts::new(\"NAME left\", \"NAME right\")",
        uses: &[
            "NAME.n += 1; sum += u64::from(NAME.n);",
            "NAME.left = D(\"NAME new\"); NAME.n = 9;",
            "drop(NAME.left); NAME.left = D(\"NAME again\");",
        ],
        ..P
    },
    Param {
        tag: "by_ref",
        pattern: "ref NAME",
        given: "D(\"NAME\")",
        uses: &["sum += NAME.tap();"],
        ..P
    },
    Param {
        tag: "by_ref_mut",
        pattern: "ref mut NAME",
        given: "D(\"NAME\")",
        uses: &["NAME.rename(\"renamed\");"],
        ..P
    },
    Param {
        tag: "reference",
        pattern: "&NAME",
        ty: "&LIFEu32",
        given: "&7",
        uses: &["sum += u64::from(NAME);"],
        ..P
    },
    Param {
        tag: "nested",
        pattern: "((NAME, _), [NAMEn, ..])",
        ty: "((D, D), [u32; 3])",
        given: "((D(\"NAME\"), D(\"NAME rest\")), [1, 2, 3])",
        uses: &[
            "sum += u64::from(NAMEn) + NAME.tap();",
            "sum += u64::from(NAMEn) + eat(NAME);",
        ],
        ..P
    },
    Param {
        tag: "bound",
        pattern: "NAME @ Point { x: NAMEx, .. }",
        ty: "Point",
        given: "Point { x: 1, y: 2 }",
        uses: &["sum += u64::from(NAME.y + NAMEx);"],
        ..P
    },
    Param {
        tag: "array",
        pattern: "[NAME, _, NAMEz]",
        ty: "[D; 3]",
        given: "[D(\"NAME\"), D(\"NAME y\"), D(\"NAME z\")]",
        uses: &[
            "sum += NAMEz.tap() + NAME.tap();",
            "drop(NAMEz); sum += NAME.tap();",
            "drop(NAME); sum += NAMEz.tap();",
        ],
        ..P
    },
    Param {
        tag: "cfg_off",
        attribute: "#[cfg(any())]",
        ty: "Missing",
        ..P
    },
    Param {
        tag: "cfg_on",
        attribute: "#[cfg(all())]",
        ty: "u32",
        given: "7",
        uses: &["sum += u64::from(NAME);"],
        record: "NAME",
        kept: true,
        ..P
    },
    Param {
        tag: "allow_unused",
        attribute: "#[allow(unused_variables)]",
        given: "D(\"NAME\")",
        ..P
    },
    Param {
        tag: "expect_unused",
        attribute: "#[expect(unused_variables)]",
        given: "D(\"NAME\")",
        ..P
    },
    Param {
        tag: "allow_mut",
        attribute: "#[allow(unused_mut)]",
        pattern: "mut NAME",
        given: "D(\"NAME\")",
        uses: &["sum += NAME.tap();"],
        ..P
    },
    Param {
        tag: "expect_mut",
        attribute: "#[expect(unused_mut)]",
        pattern: "mut NAME",
        given: "D(\"NAME\")",
        uses: &["sum += NAME.tap();"],
        ..P
    },
    Param {
        tag: "big",
        ty: "Big",
        given: "Big::new()",
        uses: &["sum += NAME.first();"],
        ..P
    },
    Param {
        tag: "boxed_once",
        ty: "Box<dyn FnOnce() -> u64>",
        given: "Box::new(|| 3)",
        uses: &["sum += NAME();"],
        debug: false,
        send: false,
        ..P
    },
    Param {
        tag: "impl_fn",
        ty: "impl Fn() -> u64BOUND",
        given: "|| 3",
        uses: &["sum += NAME();", "let held = NAME; sum += held();"],
        debug: false,
        send: false,
        ..P
    },
    Param {
        tag: "impl_display",
        ty: "impl std::fmt::DisplayBOUND",
        given: "5",
        uses: &["sum += NAME.to_string().len() as u64;"],
        debug: false,
        send: false,
        ..P
    },
    Param {
        tag: "generic",
        ty: "TUPPER",
        given: "D(\"NAME\")",
        generic: "TUPPER: std::fmt::DebugBOUND",
        uses: &["sum += format!(\"{NAME:?}\").len() as u64;", "drop(NAME);"],
        send: false,
        ..P
    },
    Param {
        tag: "const_generic",
        ty: "[u8; NUPPER]",
        given: "[1, 2, 3]",
        generic: "const NUPPER: usize",
        uses: &["sum += NAME.len() as u64 + NUPPER as u64;"],
        ..P
    },
    Param {
        tag: "slice",
        ty: "&LIFE[u32]",
        given: "&[1, 2]",
        uses: &["sum += NAME.len() as u64;"],
        kept: true,
        ..P
    },
    Param {
        tag: "mut_reference",
        ty: "&LIFEmut Vec<u32>",
        given: "&mut vec![1]",
        uses: &["NAME.push(1); sum += NAME.len() as u64;"],
        ..P
    },
    Param {
        tag: "mut_binding_of_reference",
        pattern: "mut NAME",
        ty: "&LIFE[u32]",
        given: "&[1, 2]",
        uses: &["while let [_, rest @ ..] = NAME { NAME = rest; sum += 1; }"],
        ..P
    },
    Param {
        tag: "borrowed_drop",
        ty: "&LIFED",
        given: "&D(\"NAME\")",
        uses: &["sum += NAME.tap();"],
        kept: true,
        ..P
    },
    Param {
        tag: "optional",
        ty: "Option<D>",
        given: "Some(D(\"NAME\"))",
        uses: &[
            "if let Some(d) = NAME { sum += d.tap(); }",
            "sum += NAME.map_or(0, eat);",
            "sum += u64::from(NAME.is_some());",
        ],
        ..P
    },
    Param {
        tag: "not_send",
        ty: "Rc<Cell<u32>>",
        given: "Rc::default()",
        uses: &["NAME.set(3); sum += u64::from(NAME.get());"],
        send: false,
        ..P
    },
    Param {
        tag: "not_sync",
        ty: "&LIFECell<u32>",
        given: "&Cell::new(1)",
        uses: &["NAME.set(3); sum += u64::from(NAME.get());"],
        send: false,
        kept: true,
        ..P
    },
    Param {
        tag: "impl_into",
        ty: "impl Into<String>BOUND",
        given: "\"text\"",
        uses: &["sum += NAME.into().len() as u64;"],
        debug: false,
        send: false,
        ..P
    },
    Param {
        tag: "dyn_debug",
        ty: "&LIFEdyn std::fmt::Debug",
        given: "&3",
        uses: &["sum += format!(\"{NAME:?}\").len() as u64;"],
        send: false,
        kept: true,
        ..P
    },
    Param {
        tag: "unit_pattern",
        pattern: "Unit",
        ty: "Unit",
        given: "Unit",
        ..P
    },
    Param {
        tag: "wrapper",
        pattern: "Wrapper(mut NAME)",
        ty: "Wrapper<u32>",
        given: "Wrapper(2)",
        uses: &["NAME += 1; sum += u64::from(NAME);"],
        ..P
    },
    Param {
        tag: "elided",
        ty: "Held<ELIDED>",
        given: "Held(\"abc\")",
        uses: &["sum += NAME.0.len() as u64;"],
        kept: true,
        ..P
    },
    Param {
        tag: "opaque",
        ty: "Opaque",
        given: "Opaque(3)",
        uses: &["sum += u64::from(NAME.0);", "drop(NAME);"],
        debug: false,
        ..P
    },
    Param {
        tag: "mut_box",
        pattern: "mut NAME",
        ty: "Box<Txn>",
        given: "Box::default()",
        uses: &[
            "NAME.committed = true;",
            "NAME.n += 1; if input() == 3 { drop(NAME); }",
        ],
        ..P
    },
];
