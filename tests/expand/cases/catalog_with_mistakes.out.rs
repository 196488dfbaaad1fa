::core::compile_error! {
    "unknown kind of metric `Countr`: did you mean `Counter`? (known: `Counter`, `Gauge`, `Histogram`)"
}
::core::compile_error! {
    "`String` has no bound on its values, so `trade` cannot be a label: derive `Label` on an enum, or take `Bounded<N>` for text with a hard cap; an id or a free text belongs into a span field or an event"
}
::core::compile_error! {
    "describe it: its doc comment becomes the HELP text"
}
::core::compile_error! {
    "the metric `bids.open` is declared twice in this catalog"
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
