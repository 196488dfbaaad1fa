use instrumental::business_event;

#[business_event("payment.released", ownr = "payments")]
pub struct PaymentReleased {
    #[field(skp)]
    pub id: u64,
    #[field(display, debug)]
    pub note: u64,
    #[label("x")]
    pub won: bool,
}

fn main() {
    PaymentReleased { id: 1, note: 2, won: true }.emit();
}
