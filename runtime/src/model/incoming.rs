//! Trace contexts that a request carries in from another service.

/// A trace context from another process, with the data that is propagated along with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Incoming {
    /// Trace id; zero means none.
    pub(crate) trace: u128,
    /// Span id; zero means none.
    pub(crate) span: u64,
    /// Whether the sender sampled the trace; `None` if it left the decision to this process.
    pub(crate) sampled: Option<bool>,
    /// Datadog's priority: -1 user drop, 0 drop, 1 keep, 2 user keep.
    pub(crate) priority: Option<i8>,
    /// W3C `tracestate`, unchanged.
    pub(crate) tracestate: String,
    /// W3C baggage, without Sentry's members.
    pub(crate) baggage: Vec<(String, String)>,
    /// Sentry's dynamic sampling context: the `sentry-` members of the baggage, without the prefix.
    pub(crate) sentry: Vec<(String, String)>,
    /// Whether the request had a `sentry-trace` header. The sampling context is then the sender's, even if it is empty, and
    /// this process must not add to it.
    pub(crate) frozen: bool,
    /// `x-datadog-origin`.
    pub(crate) datadog_origin: Option<String>,
    /// `_dd.p.*` members of `x-datadog-tags`, and `_dd.propagation_error`, which is not propagated.
    pub(crate) datadog_tags: Vec<(String, String)>,
    /// Contexts from headers of other styles that name other traces.
    pub(crate) links: Vec<(u128, u64)>,
}

/// The Sentry organization this process reports to, and which traces it continues.
#[derive(Clone, Debug, Default)]
pub(crate) struct Organization {
    /// Members of the dynamic sampling context sent to other services: `public_key`, `environment`, `release` and others.
    pub(crate) context: Vec<(String, String)>,
    /// Organization id, from the DSN.
    pub(crate) id: Option<String>,
    /// Whether a trace is continued only if both services name the same organization.
    pub(crate) strict: bool,
    /// Sample rate of traces, for the sampling context.
    pub(crate) sample_rate: f64,
}
