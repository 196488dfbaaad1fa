//! Parameters by value, with different patterns.

use super::param::{P, Param};

const TAKEN: &[&str] = &[
    "sum += NAME.tap();",
    "drop(NAME);",
    "if input() == 3 { drop(NAME); }",
    "let _moved = NAME;",
    "sum += consume(NAME);",
    "let held = move || NAME.tap(); sum += held();",
    "if input() != 3 { sum += consume(NAME); } else { sum += NAME.tap(); }",
];

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
        tag: "raw",
        pattern: "r#type",
        ty: "u32",
        given: "7",
        uses: &["sum += u64::from(r#type);"],
        record: "r#type",
        kept: true,
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
            "sum += NAME.tap(); NAME = D(\"other\"); sum += NAME.tap();",
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
            "NAME.committed = true; sum += u64::from(NAME.n);",
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
            "NAMEn += 1; sum += u64::from(NAMEn) + consume(NAME);",
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
            "sum += u64::from(NAMEn) + consume(NAME);",
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
        attribute: "#[cfg(not(any(unix, windows)))]",
        ty: "Missing",
        ..P
    },
    Param {
        tag: "cfg_on",
        attribute: "#[cfg(any(unix, windows))]",
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
];
