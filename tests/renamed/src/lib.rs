//! A strict crate of edition 2021 that renames `instrumental`.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]

pub mod calls;

mod facade {
    // Paths through the crate's own modules work too.
    pub(crate) use ::telemetry;
}

/// A label.
#[derive(
    ::telemetry::Label,
    ::std::clone::Clone,
    ::std::marker::Copy,
    ::std::fmt::Debug,
    ::std::cmp::PartialEq,
)]
#[label(crate = ::telemetry)]
pub enum Trade {
    /// Pipes.
    Plumbing,
    /// Roofs.
    #[label("roofs")]
    Roofing,
}

/// An error.
#[derive(::telemetry::Outcome, ::telemetry::Label, ::std::fmt::Debug)]
#[outcome(crate = crate::facade::telemetry)]
#[label(crate = crate::facade::telemetry)]
#[non_exhaustive]
pub enum Failure<E> {
    /// Caused by the caller.
    #[outcome(client, http = 409)]
    Conflict,
    /// Caused by us.
    #[outcome(server, page)]
    #[deprecated]
    Disk {
        /// Why.
        source: E,
    },
}

/// Metrics.
#[::telemetry::catalog(crate = ::telemetry, name = "renamed.bids")]
pub mod bids {
    /// Bids submitted by contractors.
    pub fn submitted(trade: Trade, urgent: bool) -> Counter;
    /// Contracts open right now.
    pub fn open() -> Gauge;
    /// Time from a job's posting to its first bid.
    #[metric(owner = "matching", budget = 3)]
    pub fn response_time(trade: Trade) -> Histogram<Seconds>;
    /// Size of an attachment.
    pub fn attachment(place: &'static str) -> Histogram<Bytes>;
    /// Anything.
    pub fn anything() -> Histogram;
}

/// Money left escrow.
#[::telemetry::business_event("renamed.payment.released", crate = crate::facade::telemetry)]
pub struct PaymentReleased<'a, T: ::std::fmt::Debug>
where
    T: ::std::clone::Clone,
{
    /// A field.
    pub contractor: T,
    /// A borrowed text.
    pub note: &'a str,
    /// A label.
    #[label]
    pub trade: Trade,
    /// A label with few values.
    #[label]
    pub place: &'static str,
    /// A measure.
    #[measure(usd)]
    pub amount: f64,
    /// Another measure.
    #[measure(seconds)]
    pub waited: ::std::time::Duration,
}

/// Uses everything once.
pub fn all() {
    bids::submitted(Trade::Roofing, true).increment(1);
    bids::open().set(1);
    bids::response_time(Trade::Plumbing).record(::std::time::Duration::from_secs(1));
    bids::attachment("front").record(1_u64);
    bids::anything().record(1.0);
    PaymentReleased {
        contractor: "x",
        note: "y",
        trade: Trade::Roofing,
        place: "here",
        amount: 1.0,
        waited: ::std::time::Duration::from_secs(1),
    }
    .emit();
}
