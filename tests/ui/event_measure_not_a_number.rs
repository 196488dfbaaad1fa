use instrumental::business_event;

#[derive(Debug)]
pub struct Money(u64);

#[business_event("payment.released")]
pub struct PaymentReleased {
    #[measure(usd)]
    pub amount: Money,
}

fn main() {
    PaymentReleased { amount: Money(1) }.emit();
}
