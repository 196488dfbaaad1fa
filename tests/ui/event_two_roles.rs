use instrumental::business_event;

#[business_event("payment.released")]
pub struct PaymentReleased {
    #[label]
    #[measure(usd)]
    pub amount: f64,
    #[measure]
    #[field(skip)]
    pub fee: f64,
    #[cfg(unix)]
    pub host: u64,
}

fn main() {}
