#[catalog]
pub mod bids {
    /// Bids submitted
    /// by contractors.
    ///
    /// Counted when the form is sent.
    pub fn submitted(trade: Trade, urgent: bool) -> Counter;
    /// Contracts open right now.
    #[cfg(feature = "contracts")]
    pub fn open() -> Gauge;
    pub mod answers {
        /// Time from a job's posting to its first bid.
        #[metric(budget = 100, owner = "matching")]
        pub fn time(trade: Trade) -> Histogram<Seconds>;
        /// Bytes of an answer.
        #[metric(unit = "bytes")]
        pub fn sent() -> Counter;
    }
}
