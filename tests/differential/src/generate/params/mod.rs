//! Parameters. `NAME` stands for the parameter's letter, `UPPER` for it as a capital, `LIFE` for the lifetime of
//! references where the function names one, and `BOUND` for `+ 'l` there.

mod patterns;
mod types;

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

/// Every parameter.
pub(super) fn all() -> Vec<&'static Param> {
    patterns::PARAMS.iter().chain(types::PARAMS).collect()
}
