/// Money left escrow.
#[business_event("payment.released", owner = "payments")]
pub struct PaymentReleased<'a, T: Display> {
    pub contractor_id: T,
    #[measure(usd)]
    pub amount: Decimal,
    #[label]
    pub trade: Trade,
    #[field(debug)]
    pub note: &'a str,
    #[field(skip)]
    pub receipt: Vec<u8>,
}

#[business_event("escrow.opened", crate = telemetry)]
struct EscrowOpened;
