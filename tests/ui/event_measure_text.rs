use instrumental::{Label, business_event};
use std::borrow::Cow;

#[derive(Label, Clone, Copy)]
pub enum Trade {
    Plumbing,
}

#[business_event("payment.released")]
pub struct PaymentReleased<'a> {
    #[measure(usd)]
    pub id: String,
    #[measure]
    pub note: &'a str,
    #[measure]
    pub title: Cow<'a, str>,
    #[measure]
    pub urgent: bool,
    #[measure]
    pub initial: char,
    #[measure]
    pub trade: Trade,
    #[measure]
    pub amount: f64,
}

fn main() {}
