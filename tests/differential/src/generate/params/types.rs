//! Parameters of different types.

use super::param::{P, Param};

pub(super) const PARAMS: &[Param] = &[
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
            "sum += NAME.map_or(0, consume);",
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
