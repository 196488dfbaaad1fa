use instrumental::business_event;

#[business_event("payment.released")]
pub struct PaymentReleased {
    #[label]
    pub contract_id: u64,
}

fn main() {
    PaymentReleased { contract_id: 1 }.emit();
}
