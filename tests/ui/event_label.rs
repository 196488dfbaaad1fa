use instrumental::business_event;

#[business_event("payment.released")]
pub struct PaymentReleased<T: Copy> {
    #[label]
    pub city: String,
    #[label]
    pub outcome: bool,
    #[label]
    pub kind: T,
}

fn main() {}
