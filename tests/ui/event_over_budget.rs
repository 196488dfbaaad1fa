use instrumental::{Label, business_event};

#[derive(Label, Clone, Copy)]
pub enum Trade {
    Plumbing,
    Roofing,
    Electrical,
}

#[business_event("payment.released", budget = 5)]
pub struct PaymentReleased {
    #[label]
    pub trade: Trade,
    #[label]
    pub urgent: bool,
}

fn main() {
    PaymentReleased { trade: Trade::Plumbing, urgent: true }.emit();
}
