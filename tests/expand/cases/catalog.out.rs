pub mod bids {
    #[allow(unused_imports, clippy::wildcard_imports)]
    use super::*;
    /// Bids submitted
    /// by contractors.
    ///
    /// Counted when the form is sent.
    ///
    /// Counter `bids.submitted`, labels: `trade`, `urgent`.
    pub fn submitted(trade: Trade, urgent: bool) -> ::instrumental::__private::Counter {
        ::instrumental::__private::Counter::of(
            ::instrumental::__private::family!(
                counter, "bids.submitted", "Bids submitted by contractors.",
                ::instrumental::__private::unit::None, [trade : Trade, urgent : bool], {
                budget : 2000usize }
            ),
            (
                ::instrumental::__private::label!(trade),
                ::instrumental::__private::label!(urgent),
            ),
        )
    }
    /// Contracts open right now.
    #[cfg(feature = "contracts")]
    ///
    /// Gauge `bids.open`.
    pub fn open() -> ::instrumental::__private::Gauge {
        ::instrumental::__private::Gauge::of(
            ::instrumental::__private::family!(
                gauge, "bids.open", "Contracts open right now.",
                ::instrumental::__private::unit::None, [], { budget : 2000usize }
            ),
            (),
        )
    }
    pub mod answers {
        #[allow(unused_imports, clippy::wildcard_imports)]
        use super::*;
        /// Time from a job's posting to its first bid.
        ///
        /// Histogram `bids.answers.time` in seconds, labels: `trade`.
        pub fn time(
            trade: Trade,
        ) -> ::instrumental::__private::Histogram<
            ::instrumental::__private::unit::Seconds,
        > {
            ::instrumental::__private::Histogram::<
                ::instrumental::__private::unit::Seconds,
            >::of(
                ::instrumental::__private::family!(
                    histogram, "bids.answers.time",
                    "Time from a job's posting to its first bid.",
                    ::instrumental::__private::unit::Seconds, [trade : Trade], { budget :
                    100usize, owner : "matching" }
                ),
                (::instrumental::__private::label!(trade),),
            )
        }
        /// Bytes of an answer.
        ///
        /// Counter `bids.answers.sent` in bytes.
        pub fn sent() -> ::instrumental::__private::Counter {
            ::instrumental::__private::Counter::of(
                ::instrumental::__private::family!(
                    counter, "bids.answers.sent", "Bytes of an answer.",
                    ::instrumental::__private::unit::Bytes, [], { budget : 2000usize }
                ),
                (),
            )
        }
    }
}
