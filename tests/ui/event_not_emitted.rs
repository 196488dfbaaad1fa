#![deny(unused_must_use)]
use instrumental::business_event;

#[business_event("payment.released")]
pub struct PaymentReleased {
    pub contractor_id: u64,
}

fn released() -> PaymentReleased {
    PaymentReleased { contractor_id: 1 }
}

fn main() {
    released();
}
