use instrumental::business_event;

pub struct Receipt;

#[business_event("payment.released")]
pub struct PaymentReleased {
    pub receipt: Receipt,
}

fn main() {
    PaymentReleased { receipt: Receipt }.emit();
}
