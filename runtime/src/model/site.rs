//! A place in the source that reports: one `static` an annotated function.

use super::path;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Once, OnceLock};
use tracing::callsite::{Callsite, Identifier};
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata};

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

/// One annotated function.
pub struct Site {
    pub(crate) state: AtomicU32,
    pub(crate) spec: &'static Spec,
    path: fn() -> &'static str,
    metadata: Metadata<'static>,
    function: OnceLock<String>,
    /// `tracing` has been told of it.
    pub(crate) registered: Once,
    /// It returned a future of a type that has no room for a call.
    pub(crate) unmeasured: AtomicBool,
    pub(crate) series: super::series::SiteSeries,
}

impl Site {
    /// The site that `me` is to be.
    #[must_use]
    pub const fn new(spec: &'static Spec, path: fn() -> &'static str, me: &'static Self) -> Self {
        Self {
            state: AtomicU32::new(listen::NEW),
            metadata: Metadata::new(
                spec.name,
                if spec.target.is_empty() {
                    spec.module
                } else {
                    spec.target
                },
                spec.level,
                Some(spec.file),
                Some(spec.line),
                Some(spec.module),
                FieldSet::new(spec.fields, Identifier(me)),
                Kind::SPAN,
            ),
            spec,
            path,
            function: OnceLock::new(),
            registered: Once::new(),
            unmeasured: AtomicBool::new(false),
            series: super::series::SiteSeries::new(),
        }
    }

    pub(crate) const fn has(&self, flag: u32) -> bool {
        self.spec.flags & flag != 0
    }

    /// Whether its calls are more, or less, than a duration and a span.
    pub(crate) const fn is_rare(&self) -> bool {
        self.spec.slow_nanos != 0 || self.has(flag::IN_FLIGHT) || !self.has(flag::TRACED)
    }

    /// A call that takes longer is slow; 0: none is.
    pub(crate) fn slow_seconds(&self) -> f64 {
        self.spec.slow_nanos as f64 * 1e-9
    }

    /// What its span is called: the function with its type, or the name given.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.has(flag::NAMED) {
            self.spec.name
        } else {
            self.function()
        }
    }

    /// The function with its type: `ContractService::release`.
    #[must_use]
    pub fn function(&self) -> &str {
        if let Some(known) = self.function.get() {
            return known;
        }
        // Not while it is made: the allocator may be this very function.
        match naming(|| path::function_name((self.path)(), self.spec.module)) {
            Some(name) => self.function.get_or_init(|| name),
            None => self.spec.name,
        }
    }

    /// The path of the function in the source, without generics.
    pub(crate) fn source_path(&self) -> String {
        path::source_path((self.path)())
    }

    /// What was said of it.
    #[must_use]
    pub const fn spec(&self) -> &'static Spec {
        self.spec
    }

    /// Its `tracing` metadata.
    #[must_use]
    pub const fn metadata(&self) -> &Metadata<'static> {
        &self.metadata
    }

    pub(crate) fn set(&self, bit: u32, on: bool) {
        if on {
            self.state.fetch_or(bit, Relaxed);
        } else {
            self.state.fetch_and(!bit, Relaxed);
        }
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

// How `tracing` tells that a subscriber came, went or changed its mind.
impl Callsite for Site {
    fn set_interest(&self, interest: Interest) {
        self.set(listen::FACADE_SPAN, !interest.is_never());
    }

    fn metadata(&self) -> &Metadata<'_> {
        &self.metadata
    }
}

/// Makes the name of a site; `None` while this thread makes one.
#[cold]
fn naming(make: impl FnOnce() -> String) -> Option<String> {
    thread_local! {
        static MAKING: Cell<bool> = const { Cell::new(false) };
    }
    if MAKING.replace(true) {
        return None;
    }
    let name = make();
    MAKING.set(false);
    Some(name)
}

/// The name of a type within the site's static: its path holds the function's.
#[must_use]
pub const fn path_of<T>() -> fn() -> &'static str {
    std::any::type_name::<T>
}
