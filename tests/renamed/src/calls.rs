//! Annotated functions in a strict crate.

use super::{bids, Failure, PaymentReleased, Trade};
use ::std::convert::From as _;
use ::std::iter::Iterator as _;
use ::std::option::Option::{self, None, Some};
use ::std::result::Result::{self, Err, Ok};

/// Parcels.
#[derive(::std::fmt::Debug, ::std::default::Default, ::std::clone::Clone)]
pub struct Parcels {
    weights: ::std::vec::Vec<u32>,
}

#[::telemetry::traced(crate = ::telemetry)]
impl Parcels {
    /// The weight of a parcel.
    ///
    /// # Errors
    ///
    /// There is no such parcel.
    #[::telemetry::capture_errors(ignore(Failure::Conflict), crate = ::telemetry)]
    pub fn weight(&self, at: usize) -> Result<u32, Failure<()>> {
        self.weights.get(at).copied().ok_or(Failure::Conflict)
    }

    /// The heaviest weight.
    pub fn heaviest(&mut self) -> Option<&mut u32> {
        self.weights.iter_mut().max()
    }

    /// The number of parcels.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are no parcels.
    #[must_use]
    #[traced(skip)]
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }
}

/// Releases a payment.
///
/// # Errors
///
/// The contract is 0.
#[::telemetry::traced(contract, fields(doubled = contract * 2), slow = "1s", in_flight, metric = bids::response_time(trade), crate = ::telemetry)]
#[::telemetry::capture_errors(crate = ::telemetry)]
#[::telemetry::business_event(
    PaymentReleased { contractor: contract, note: "none", trade, place: "here", amount: 1.0, waited: ::std::time::Duration::ZERO },
    on = Ok(()),
    crate = ::telemetry
)]
pub async fn release(contract: u64, trade: Trade) -> Result<(), Failure<()>> {
    ::std::future::ready(()).await;
    if contract == 0 {
        return Err(Failure::Conflict);
    }
    Ok(())
}

/// Does nothing.
#[::telemetry::traced(crate = ::telemetry)]
pub fn nothing() {}

/// Returns the text of a bid.
#[::telemetry::traced(none = "error", crate = ::telemetry)]
#[::telemetry::business_event("renamed.bid.accepted", id, crate = ::telemetry)]
#[must_use]
pub fn accepted<'a>(id: u64, texts: &'a [(u64, &'a str)]) -> Option<&'a str> {
    for (known, text) in texts {
        if *known == id {
            return Some(text);
        }
    }
    None
}

/// Returns an opaque future.
#[::telemetry::traced(crate = ::telemetry)]
pub fn later(by: u32) -> impl ::std::future::Future<Output = u32> {
    async move { by + 1 }
}

/// Returns a boxed future.
#[must_use]
#[::telemetry::traced(crate = ::telemetry)]
pub fn boxed(
    by: u32,
) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u32> + ::std::marker::Send>>
{
    ::std::boxed::Box::pin(async move { by + 1 })
}

/// Uses `instrument`.
///
/// # Errors
///
/// The name is empty.
#[::telemetry::instrument(skip(secret), fields(len = name.len()), err, crate = ::telemetry)]
pub fn sign_in(name: &str, secret: &str) -> Result<usize, ::std::string::String> {
    if name.is_empty() {
        return Err(::std::string::String::from("no name"));
    }
    Ok(secret.len())
}

/// Adds a value to itself.
#[::telemetry::traced(value, crate = ::telemetry)]
pub fn generic<T>(value: T) -> T
where
    T: ::std::fmt::Debug + ::std::ops::Add<Output = T> + ::std::marker::Copy,
{
    value + value
}
