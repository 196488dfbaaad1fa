use instrumental::business_event;

#[business_event("payment.released")]
pub struct PaymentReleased {
    #[measure(dollars)]
    pub amount: f64,
    #[measure(byte)]
    pub size: u64,
    #[measure("usd")]
    pub fee: f64,
    #[measure(items)]
    pub count: u32,
}

fn main() {
    PaymentReleased { amount: 1.0, size: 2, fee: 3.0, count: 1 }.emit();
}
