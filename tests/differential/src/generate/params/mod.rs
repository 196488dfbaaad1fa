//! Parameters. `NAME` stands for the parameter's letter, `UPPER` for it as a capital, `LIFE` for the lifetime of
//! references where the function names one, and `BOUND` for `+ 'l` there.

mod param;
mod patterns;
mod types;

pub(super) use param::Param;

/// Every parameter.
pub(super) fn all() -> Vec<&'static Param> {
    patterns::PARAMS.iter().chain(types::PARAMS).collect()
}
