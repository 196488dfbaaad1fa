#[must_use = "an event has no effect until it is emitted: call `.emit()`"]
/// Money left escrow.
pub struct PaymentReleased<'a, T: Display> {
    pub contractor_id: T,
    pub amount: Decimal,
    pub trade: Trade,
    pub note: &'a str,
    pub receipt: Vec<u8>,
}
#[automatically_derived]
impl<'a, T: Display> ::instrumental::__private::Event for PaymentReleased<'a, T> {
    fn site() -> &'static ::instrumental::__private::EventSite {
        ::instrumental::__private::event_site!(
            "payment.released", ["contractor_id", "amount", "trade", "note"], [trade :
            Trade], ["amount" : ::instrumental::__private::unit::Usd], { help :
            "Money left escrow.", owner : "payments" }
        )
    }
    fn record(&self, __r: &mut ::instrumental::__private::EventRecorder<'_>) {
        ::instrumental::__private::record!(
            __r, [::instrumental::__private::value!(self.contractor_id),
            ::instrumental::__private::value!(self.amount),
            ::instrumental::__private::value!(self.trade),
            ::instrumental::__private::debug!(self.note)]
        );
        __r.labels((::instrumental::__private::label!(self.trade),));
        __r.measures(&[::instrumental::__private::measure!(self.amount)]);
    }
}
impl<'a, T: Display> PaymentReleased<'a, T> {
    /// Emits the business event `payment.released`.
    #[allow(dead_code)]
    pub fn emit(&self) {
        ::instrumental::__private::emit(self);
    }
}
#[must_use = "an event has no effect until it is emitted: call `.emit()`"]
struct EscrowOpened;
#[automatically_derived]
impl telemetry::__private::Event for EscrowOpened {
    fn site() -> &'static telemetry::__private::EventSite {
        telemetry::__private::event_site!("escrow.opened", [], [], [], { help : "" })
    }
    fn record(&self, __r: &mut telemetry::__private::EventRecorder<'_>) {
        telemetry::__private::record!(__r, []);
        __r.labels(());
        __r.measures(&[]);
    }
}
impl EscrowOpened {
    /// Emits the business event `escrow.opened`.
    #[allow(dead_code)]
    fn emit(&self) {
        telemetry::__private::emit(self);
    }
}
