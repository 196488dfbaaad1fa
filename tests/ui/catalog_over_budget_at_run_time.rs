use instrumental::{Bounded, business_event, catalog};

#[catalog]
pub mod routes {
    /// Trips by where they begin and end.
    pub fn trips(from: Bounded<100>, to: Bounded<100>) -> Counter;
    /// The same as one label.
    pub fn pairs(pair: (Bounded<100>, Bounded<100>)) -> Counter;
    /// Within the budget.
    pub fn stops(city: Bounded<500>, open: bool) -> Counter;
}

#[business_event("trip.ended")]
pub struct TripEnded {
    #[label]
    pub from: Bounded<50>,
    #[label]
    pub to: Bounded<50>,
}

fn main() {
    routes::trips("a".into(), "b".into()).increment(1);
    routes::pairs(("a".into(), "b".into())).increment(1);
    routes::stops("a".into(), true).increment(1);
    TripEnded { from: "a".into(), to: "b".into() }.emit();
}
