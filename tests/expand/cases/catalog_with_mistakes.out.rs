::core::compile_error! {
    "unknown kind of metric `Countr`: did you mean `Counter`?"
}
::core::compile_error! {
    "`String` has unbounded values, so `trade` cannot be a label: derive `Label` on an enum, or use `Bounded<N>` for text with a limit; put ids and free text into a span field or an event"
}
::core::compile_error! {
    "a metric needs a doc comment: it becomes the HELP text"
}
::core::compile_error! {
    "duplicate metric `bids.open` in this catalog; rename one"
}
#[allow(unused_variables)]
pub mod bids {
    #[allow(unused_imports, clippy::wildcard_imports)]
    use super::*;
    /// Bids submitted by contractors.
    ///
    /// Counter `bids.submitted`, labels: `trade`.
    pub fn submitted(trade: String) -> ::instrumental::__private::Counter {
        loop {}
    }
    ///
    /// Gauge `bids.open`.
    pub fn open() -> ::instrumental::__private::Gauge {
        loop {}
    }
}
