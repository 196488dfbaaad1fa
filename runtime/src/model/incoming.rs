//! What a request brought from the service that sent it.

/// A trace context from another process, and what is to be handed on with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Incoming {
    /// Zero: none.
    pub(crate) trace: u128,
    /// Zero: none.
    pub(crate) span: u64,
    /// Whether the sender recorded it; `None`: it left that to us.
    pub(crate) sampled: Option<bool>,
    /// Datadog's priority: -1 user drop, 0 drop, 1 keep, 2 user keep.
    pub(crate) priority: Option<i8>,
    /// W3C `tracestate`, as it came.
    pub(crate) tracestate: String,
    /// W3C baggage, without Sentry's.
    pub(crate) baggage: Vec<(String, String)>,
    /// Sentry's dynamic sampling context: the `sentry-` members of the baggage, without the prefix.
    pub(crate) sentry: Vec<(String, String)>,
    /// `sentry-trace` came: the sampling context is the sender's business, though it said nothing of it.
    pub(crate) frozen: bool,
    /// `x-datadog-origin`.
    pub(crate) datadog_origin: Option<String>,
    /// `_dd.p.*` members of `x-datadog-tags`, and `_dd.propagation_error`, which stays here.
    pub(crate) datadog_tags: Vec<(String, String)>,
    /// Contexts of other headers that name other traces.
    pub(crate) links: Vec<(u128, u64)>,
}

/// Who we are at Sentry, and whose traces we continue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Organization {
    /// Told to others: `public_key`, `environment`, `release` and the like.
    pub(crate) context: Vec<(String, String)>,
    /// Of the DSN.
    pub(crate) id: Option<String>,
    /// Continue a trace only where both sides say who they are.
    pub(crate) strict: bool,
    /// The rate of traces, for the context.
    pub(crate) sample_rate: f64,
}
