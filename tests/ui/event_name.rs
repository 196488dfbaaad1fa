use instrumental::business_event;

#[business_event]
pub struct Unnamed;

#[business_event("PaymentReleased")]
pub struct Upper;

#[business_event("payments_total")]
pub struct Suffix;

#[business_event("")]
pub struct Empty;

#[business_event(payment.released)]
pub struct NoText;

fn main() {
    Upper.emit();
}
