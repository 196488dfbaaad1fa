//! Parameters. The placeholders are `NAME` for the parameter's letter, `UPPER` for the capital letter, `LIFE` for the
//! lifetime of references if the function names one, and `BOUND` for `+ 'l` in that case.

mod param;
mod patterns;
mod types;

pub(super) use param::Param;

/// Every parameter.
pub(super) fn all() -> Vec<&'static Param> {
    patterns::PARAMS.iter().chain(types::PARAMS).collect()
}
