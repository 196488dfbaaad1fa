use instrumental::business_event;

#[business_event("payment.released")]
pub struct PaymentReleased(u64);

#[business_event("payment.refused")]
pub enum PaymentRefused {
    Declined,
}

fn main() {
    let _ = PaymentRefused::Declined;
}
