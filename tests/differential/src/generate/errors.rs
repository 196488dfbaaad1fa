//! Error types by the traits that they implement.

use super::returns::Extra;

/// An error type.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) tag: &'static str,
    pub(super) ty: &'static str,
    pub(super) display: bool,
    pub(super) debug: bool,
    /// A generic parameter, and an argument that determines it.
    pub(super) generic: Option<Extra>,
    pub(super) send: bool,
}

const F: Fault = Fault {
    tag: "",
    ty: "",
    display: true,
    debug: true,
    generic: None,
    send: true,
};

/// Every error type.
pub(super) const FAULTS: &[Fault] = &[
    Fault {
        tag: "bare",
        ty: "Bare",
        display: false,
        debug: false,
        ..F
    },
    Fault {
        tag: "debugged",
        ty: "Debugged",
        display: false,
        ..F
    },
    Fault {
        tag: "displayed",
        ty: "Displayed",
        debug: false,
        ..F
    },
    Fault {
        tag: "caused",
        ty: "Caused",
        ..F
    },
    Fault {
        tag: "classed",
        ty: "Classed",
        ..F
    },
    Fault {
        tag: "labelled",
        ty: "Labelled",
        display: false,
        ..F
    },
    Fault {
        tag: "as_anyhow",
        ty: "Anyhow",
        ..F
    },
    Fault {
        tag: "full",
        ty: "Full<TE>",
        generic: Some(("TEBOUND", "_kind: Kind<TE>", "Kind::<u8>::default()")),
        send: false,
        ..F
    },
    Fault {
        tag: "word",
        ty: "Word<'w>",
        display: false,
        debug: false,
        generic: Some(("'w", "_kind: &'w str", "\"w\"")),
        ..F
    },
    Fault {
        tag: "heavy",
        ty: "Heavy",
        ..F
    },
    Fault {
        tag: "boxed",
        ty: "Box<dyn std::error::Error>",
        send: false,
        ..F
    },
    Fault {
        tag: "boxed_send",
        ty: "Box<dyn std::error::Error + Send + Sync>",
        ..F
    },
    Fault {
        tag: "shared",
        ty: "Arc<Caused>",
        ..F
    },
    Fault {
        tag: "unit",
        ty: "()",
        display: false,
        ..F
    },
    Fault {
        tag: "tuple",
        ty: "(u32, String)",
        display: false,
        ..F
    },
    Fault {
        tag: "text",
        ty: "String",
        ..F
    },
    Fault {
        tag: "static_text",
        ty: "&'static str",
        ..F
    },
    Fault {
        tag: "fmt",
        ty: "std::fmt::Error",
        ..F
    },
    Fault {
        tag: "io",
        ty: "std::io::Error",
        ..F
    },
    Fault {
        tag: "projected",
        ty: "<() as Fails>::Error",
        ..F
    },
    Fault {
        tag: "any",
        ty: "EE",
        display: false,
        debug: false,
        generic: Some((
            "EE: Make + ShowBOUND",
            "_kind: Kind<EE>",
            "Kind::<Caused>::default()",
        )),
        send: false,
    },
    Fault {
        tag: "any_error",
        ty: "EE",
        generic: Some((
            "EE: Make + Show + std::error::ErrorBOUND",
            "_kind: Kind<EE>",
            "Kind::<Caused>::default()",
        )),
        send: false,
        ..F
    },
];
