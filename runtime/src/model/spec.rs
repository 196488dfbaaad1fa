//! What an annotated function declares, and who may listen to it.

use tracing::Level;

/// What a site does with its calls. Bits of [`Spec::flags`].
pub mod flag {
    /// Span, duration and outcome.
    pub const TRACED: u32 = 1;
    /// Errors are reported.
    pub const CAPTURE: u32 = 2;
    /// It emits business events.
    pub const EVENT: u32 = 4;
    /// Running calls are counted.
    pub const IN_FLIGHT: u32 = 8;
    /// It stands for `tracing::instrument`.
    pub const DROP_IN: u32 = 16;
    /// The user gave the name; it is not the function's.
    pub const NAMED: u32 = 32;
    /// It reads values when a call fails.
    pub const KEEPS: u32 = 64;
}

/// What listens to a site. Bits of [`Site::state`]; zero: nobody, the call costs a load and a branch.
pub(crate) mod listen {
    /// Not looked at yet.
    pub(crate) const NEW: u32 = 1;
    /// Our store.
    pub(crate) const METRICS: u32 = 2;
    /// Our span records.
    pub(crate) const SPANS: u32 = 4;
    /// The application's `tracing` subscriber.
    pub(crate) const FACADE_SPAN: u32 = 8;
    /// A `metrics` recorder of the application may be there; asked at every call, as nothing tells of its coming.
    pub(crate) const FACADE_METRICS: u32 = 16;
    /// A test may listen on this thread.
    pub(crate) const TEST: u32 = 32;
    /// Its calls are more, or less, than a duration and a span.
    pub(crate) const RARE: u32 = 64;
    /// Calls of sites in this state have a duration, and nothing else.
    pub(crate) const PLAIN: u32 = METRICS;
    /// And a span.
    pub(crate) const SPANNED: u32 = METRICS | SPANS;
}

/// The relationship of a span to its parent, in OpenTelemetry's terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// Within the service.
    #[default]
    Internal,
    /// Serves a request.
    Server,
    /// Waits for another service.
    Client,
    /// Puts a message into a queue.
    Producer,
    /// Takes a message from a queue.
    Consumer,
}

impl SpanKind {
    /// Lower-case name.
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

/// A service level objective of a function. Zero: not given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// How many of a hundred calls succeed.
    pub success_percent: f64,
    /// How long a call may take.
    pub latency_nanos: u64,
    /// How many of a hundred calls take no longer.
    pub latency_percent: f64,
}

/// What an expansion says of its site.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The function's name, or the one given.
    pub name: &'static str,
    /// Names of the recorded fields.
    pub fields: &'static [&'static str],
    /// Bits of [`flag`].
    pub flags: u32,
    /// Level of its span.
    pub level: Level,
    /// Target of its span; empty: its module.
    pub target: &'static str,
    /// Kind of its span.
    pub kind: SpanKind,
    /// A call that takes longer is logged; 0 = none is.
    pub slow_nanos: u64,
    /// Its objective.
    pub objective: Option<Objective>,
    /// Who answers for it.
    pub owner: &'static str,
    /// Source file.
    pub file: &'static str,
    /// Source line.
    pub line: u32,
    /// Module.
    pub module: &'static str,
}
