#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted(trade: String) -> Countr;
    pub fn open() -> Gauge;
    /// Contracts open right now.
    pub fn open() -> Gauge;
}
