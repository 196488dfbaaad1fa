use instrumental::catalog;

#[catalog]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted(city: String, street: &str, country: &'static str) -> Counter;
    /// Contracts open right now.
    pub fn open(won: &bool) -> Gauge;
}

fn main() {
    bids::submitted(String::new(), "x", "us").increment(1);
}
