//! Code shared by the tests of `instrumental`, and the examples of its documentation as doctests.

pub mod facades;
pub mod statsd;
pub mod stub;

/// The documentation of the macros, whose crate cannot depend on the runtime that its examples use.
#[cfg(doctest)]
mod documentation {
    #[doc = include_str!("../../README.md")]
    mod readme {}
    #[doc = include_str!("../../runtime/README.md")]
    mod package_readme {}
    #[doc = include_str!("../../macros/src/docs/alert.md")]
    mod alert {}
    #[doc = include_str!("../../macros/src/docs/business_event.md")]
    mod business_event {}
    #[doc = include_str!("../../macros/src/docs/capture_errors.md")]
    mod capture_errors {}
    #[doc = include_str!("../../macros/src/docs/catalog.md")]
    mod catalog {}
    #[doc = include_str!("../../macros/src/docs/instrument.md")]
    mod instrument {}
    #[doc = include_str!("../../macros/src/docs/label.md")]
    mod label {}
    #[doc = include_str!("../../macros/src/docs/outcome.md")]
    mod outcome {}
    #[doc = include_str!("../../macros/src/docs/traced.md")]
    mod traced {}
}
