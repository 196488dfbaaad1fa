use instrumental::business_event;

#[business_event("payment.released")]
pub struct PaymentReleased {
    pub contractor_id: u64,
    #[measure(usd)]
    pub amount: f64,
}

fn main() {
    PaymentReleased { contractor_id: 1, amout: 2.0 }.emit();
    PaymentReleased { contractor_id: 1 }.emit();
}
