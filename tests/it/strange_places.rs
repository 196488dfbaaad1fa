//! Item macros in unusual places: without a prelude, with shadowed names, in generated code and in functions.

#[no_implicit_prelude]
#[forbid(unsafe_code)]
#[deny(missing_docs, unused, clippy::all, clippy::pedantic)]
pub mod without_prelude {
    //! Only what is named explicitly is in scope.

    /// A label.
    #[derive(::instrumental::Label, ::std::clone::Clone, ::std::marker::Copy)]
    pub enum Trade {
        /// Pipes.
        Plumbing,
        /// Roofs.
        Roofing,
    }

    /// An error.
    #[derive(::instrumental::Outcome, ::instrumental::Label)]
    pub enum Failure {
        /// Caused by the caller.
        #[outcome(client)]
        Conflict,
        /// Caused by us.
        #[outcome(server)]
        Disk(i32),
    }

    /// Metrics.
    #[::instrumental::catalog(name = "strange.prelude")]
    pub mod bids {
        /// Bids submitted by contractors.
        pub fn submitted(trade: Trade) -> Counter;
        /// Time from a job's posting to its first bid.
        pub fn response_time(r#type: bool) -> Histogram<Seconds>;
        /// Nested metrics.
        pub mod below {
            /// Contracts open right now.
            pub fn open(trade: Trade) -> Gauge;
        }
    }

    /// An event.
    #[::instrumental::business_event("strange.prelude.released")]
    pub struct Released<'a, T: ::std::fmt::Debug> {
        /// A field.
        pub id: T,
        /// A field.
        pub note: &'a str,
        /// A label.
        #[label]
        pub trade: Trade,
        /// A measure.
        #[measure(usd)]
        pub amount: f64,
    }
}

#[allow(dead_code, non_camel_case_types)]
mod shadowed {
    struct Option;
    struct Some;
    struct None;
    struct Result;
    struct Ok;
    struct Err;
    struct String;
    struct Vec;
    struct Clone;
    mod std {}
    mod core {}
    mod instrumental {}

    #[derive(::instrumental::Label, ::core::clone::Clone, ::core::marker::Copy)]
    pub(super) enum Trade {
        Plumbing,
        Some,
        None,
    }

    #[::instrumental::catalog(name = "strange.shadowed")]
    pub(super) mod bids {
        /// Bids submitted by contractors.
        pub fn submitted(trade: Trade) -> Counter;
        /// Size of an attachment.
        pub fn size() -> Histogram<Bytes>;
    }

    #[::instrumental::business_event("strange.shadowed.released")]
    pub(super) struct Released {
        #[label]
        pub(super) trade: Trade,
        #[measure(usd)]
        pub(super) amount: f64,
    }
}

macro_rules! generated {
    ($module:ident, $metric:ident($label:ident: $ty:ty) -> $kind:ty, $(#[$doc:meta])* $event:ident = $name:literal) => {
        #[instrumental::catalog]
        mod $module {
            $(#[$doc])*
            pub fn $metric($label: $ty) -> $kind;
        }

        #[instrumental::business_event($name)]
        struct $event {
            #[label]
            $label: $ty,
            #[measure]
            fixed: f64,
            id: &'static str,
        }
    };
}
generated!(
    strange_generated,
    sizes(urgent: bool) -> Histogram<Bytes>,
    /// Sizes of things.
    Generated = "strange.generated.happened"
);

#[test]
fn a14_item_macros_work_without_a_prelude_and_with_shadowed_names() {
    use without_prelude::{Failure, Released, Trade, bids};
    bids::submitted(Trade::Plumbing).increment(1);
    bids::response_time(true).record(std::time::Duration::from_secs(1));
    bids::below::open(Trade::Roofing).set(1);
    Released {
        id: 7,
        note: "x",
        trade: Trade::Roofing,
        amount: 1.5,
    }
    .emit();
    for failure in [Failure::Conflict, Failure::Disk(1)] {
        assert!(matches!(failure, Failure::Conflict | Failure::Disk(1)));
    }

    shadowed::bids::submitted(shadowed::Trade::Some).increment(1);
    shadowed::bids::size().record(5_u64);
    shadowed::Released {
        trade: shadowed::Trade::None,
        amount: 1.0,
    }
    .emit();

    strange_generated::sizes(true).record(5_u64);
    Generated {
        urgent: false,
        fixed: 1.0,
        id: "x",
    }
    .emit();
}

#[test]
fn item_macros_work_in_a_function() {
    #[instrumental::catalog(name = "strange.inside")]
    mod inside {
        /// Things in a function.
        pub fn things(found: bool) -> Counter;
    }
    #[instrumental::business_event("strange.inside.happened")]
    struct Happened;

    inside::things(true).increment(1);
    Happened.emit();
}

#[instrumental::catalog(name = "strange.cfg")]
mod conditional {
    /// On this platform.
    #[cfg(test)]
    pub fn things() -> Counter;
    /// On no platform.
    #[cfg(not(test))]
    pub fn things() -> Gauge;
    #[cfg(not(test))]
    pub mod nowhere {
        /// A type that does not exist.
        pub fn things(label: NoSuchType) -> Gauge;
    }
}

#[test]
fn cfg_applies_to_its_function() {
    conditional::things().increment(1);
}

/// Polls a future that is ready immediately.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the future is pending"),
    }
}

#[test]
fn a14_a_strict_crate_that_renames_us_reports() {
    use instrumental_tests_renamed::{Trade, all, calls};
    let seen = instrumental_tests::facades::seen(|| {
        all();
        assert!(ready(calls::release(7, Trade::Plumbing)).is_ok());
        assert!(ready(calls::release(0, Trade::Plumbing)).is_err());
        assert_eq!(ready(calls::later(1)) + ready(calls::boxed(1)), 4);
        assert_eq!(calls::accepted(7, &[(7, "x")]), Some("x"));
        assert_eq!(calls::accepted(8, &[(7, "x")]), None);
        assert_eq!(calls::sign_in("x", "secret"), Ok(6));
        assert_eq!(
            calls::generic(2) + i32::from(calls::sign_in("", "").is_err()),
            5
        );
        calls::nothing();
        let mut parcels = calls::Parcels::default();
        assert!(parcels.is_empty() && parcels.heaviest().is_none());
        assert!(parcels.weight(0).is_err());
    });
    let count = |start: &str| {
        seen.metrics
            .iter()
            .filter(|line| line.starts_with(start))
            .count()
    };
    assert_eq!(count("renamed.payment.released{"), 2, "{:#?}", seen.metrics);
    assert_eq!(count("renamed.bid.accepted{"), 1, "{:#?}", seen.metrics);
    assert_eq!(
        count("renamed.bids.response_time{trade=plumbing} <-"),
        3,
        "{:#?}",
        seen.metrics
    );
    let durations: Vec<_> = seen
        .metrics
        .iter()
        .filter(|line| line.starts_with("function.duration{"))
        .collect();
    assert_eq!(durations.len(), 12, "{durations:#?}");
    assert_eq!(count("function.errors{"), 4, "{:#?}", seen.metrics);
}
