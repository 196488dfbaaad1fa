//! A parameter.

/// A parameter: how it is written, what is given for it, and what a body can do with it.
#[derive(Debug)]
pub(in crate::generate) struct Param {
    pub(in crate::generate) tag: &'static str,
    pub(in crate::generate) attribute: &'static str,
    pub(in crate::generate) pattern: &'static str,
    pub(in crate::generate) ty: &'static str,
    pub(in crate::generate) given: &'static str,
    /// One of them is chosen.
    pub(in crate::generate) uses: &'static [&'static str],
    pub(in crate::generate) generic: &'static str,
    /// What an attribute can record of it.
    pub(in crate::generate) record: &'static str,
    /// Whether `#[instrument]` can record it.
    pub(in crate::generate) debug: bool,
    pub(in crate::generate) send: bool,
    /// Whether the body leaves it as it is until the call ends.
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
