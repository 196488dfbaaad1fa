//! Declarations of annotated functions, and the flags of their receivers.

use tracing::Level;

/// The features of a site. Bits of [`Spec::flags`].
pub mod flag {
    /// Calls have a span, a duration and an outcome.
    pub const TRACED: u32 = 1;
    /// Errors are reported.
    pub const CAPTURE: u32 = 2;
    /// Calls emit business events.
    pub const EVENT: u32 = 4;
    /// Running calls are counted.
    pub const IN_FLIGHT: u32 = 8;
    /// The attribute is `instrument`, which behaves like `tracing::instrument`.
    pub const DROP_IN: u32 = 16;
    /// The name is given by the user, in place of the function's.
    pub const NAMED: u32 = 32;
    /// Values are read when a call fails.
    pub const ON_FAILURE: u32 = 64;
}

/// The receivers of a site. Bits of [`Site::state`](super::site::Site::state); if it is zero, there is no receiver, and a
/// call costs a load and a branch.
pub(crate) mod listen {
    /// The receivers have not been determined yet.
    pub(crate) const NEW: u32 = 1;
    /// The metrics store.
    pub(crate) const METRICS: u32 = 2;
    /// Span records of the pipeline.
    pub(crate) const SPANS: u32 = 4;
    /// The application's `tracing` subscriber.
    pub(crate) const FACADE_SPAN: u32 = 8;
    /// The application may have a `metrics` recorder. Checked at every call, because `metrics` does not notify when one is
    /// installed.
    pub(crate) const FACADE_METRICS: u32 = 16;
    /// A test may be capturing on this thread.
    pub(crate) const TEST: u32 = 32;
    /// Calls record other things than a duration and a span.
    pub(crate) const RARE: u32 = 64;
    /// The state of sites whose calls record a duration and nothing else.
    pub(crate) const PLAIN: u32 = METRICS;
    /// The state of sites whose calls record a duration and a span.
    pub(crate) const SPANNED: u32 = METRICS | SPANS;
}

/// The relationship of a span to its parent and children, as OpenTelemetry defines it.
///
/// ```
/// use instrumental::SpanKind;
/// assert_eq!(SpanKind::Client.as_str(), "client");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// An operation within the service.
    #[default]
    Internal,
    /// The span serves a request.
    Server,
    /// The span covers a request to another service.
    Client,
    /// The span sends a message to a queue.
    Producer,
    /// The span processes a message from a queue.
    Consumer,
}

impl SpanKind {
    /// Returns the lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// A service level objective of a function, from `objective(..)`. A field that is not declared is zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// Percentage of calls that succeed.
    pub success_percent: f64,
    /// Latency limit, in nanoseconds.
    pub latency_nanos: u64,
    /// Percentage of calls within that limit.
    pub latency_percent: f64,
}

/// The declaration of an annotated function, as an expansion writes it.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The function's name, or the name given by the user.
    pub name: &'static str,
    /// Names of the recorded fields.
    pub fields: &'static [&'static str],
    /// Bits of [`flag`].
    pub flags: u32,
    /// Level of its span.
    pub level: Level,
    /// Target of its span; if empty, the module.
    pub target: &'static str,
    /// Kind of its span.
    pub kind: SpanKind,
    /// Calls that take longer are reported as slow; zero means no limit.
    pub slow_nanos: u64,
    /// Its objective.
    pub objective: Option<Objective>,
    /// The owning team.
    pub owner: &'static str,
    /// Source file.
    pub file: &'static str,
    /// Source line.
    pub line: u32,
    /// Module.
    pub module: &'static str,
}
