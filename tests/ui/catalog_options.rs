use instrumental::catalog;

#[catalog(nam = "bids")]
pub mod bids {
    /// Bids submitted by contractors.
    #[metric(budgte = 5, owner = "a", owner = "b", colour = "red")]
    pub fn submitted() -> Counter;
    /// Bids withdrawn.
    #[metric(budget = 0)]
    pub fn withdrawn() -> Counter;
    /// Bids accepted.
    #[metric(budget = "many", owner)]
    pub fn accepted() -> Counter;
    /// Bids rejected.
    #[metric("bids.rejected")]
    pub fn rejected() -> Counter;
}

fn main() {
    bids::submitted().increment(1);
}
