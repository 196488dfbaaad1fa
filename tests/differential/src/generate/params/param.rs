//! A parameter.

/// A parameter: its declaration, an argument for it, and how a body can use it.
#[derive(Debug)]
pub(in crate::generate) struct Param {
    pub(in crate::generate) tag: &'static str,
    pub(in crate::generate) attribute: &'static str,
    pub(in crate::generate) pattern: &'static str,
    pub(in crate::generate) ty: &'static str,
    pub(in crate::generate) given: &'static str,
    /// Uses in a body, of which one is chosen.
    pub(in crate::generate) uses: &'static [&'static str],
    pub(in crate::generate) generic: &'static str,
    /// The expression that an attribute can record.
    pub(in crate::generate) record: &'static str,
    /// Whether `#[instrument]` can record it.
    pub(in crate::generate) debug: bool,
    pub(in crate::generate) send: bool,
    /// Whether the body does not move or change it.
    pub(in crate::generate) kept: bool,
}

pub(super) const P: Param = Param {
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
