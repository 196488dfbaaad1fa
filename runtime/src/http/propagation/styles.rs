//! Which styles of trace headers are read and written.

use crate::base::builder::Builder;
use crate::base::given::Given;
use crate::base::settings::{self, ConfigErrors};
use std::sync::{Arc, RwLock};

/// How a trace context is spelled in headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// W3C `traceparent` and `tracestate`.
    TraceContext,
    /// W3C `baggage`.
    Baggage,
    /// `x-datadog-*`.
    Datadog,
    /// `b3`, in one header.
    B3,
    /// `x-b3-*`.
    B3Multi,
    /// `sentry-trace`, and Sentry's members of `baggage`.
    Sentry,
}

impl Propagation {
    /// The name in `OTEL_PROPAGATORS` and `DD_TRACE_PROPAGATION_STYLE`.
    fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "tracecontext" => Self::TraceContext,
            "baggage" => Self::Baggage,
            "datadog" => Self::Datadog,
            "b3" => Self::B3,
            "b3multi" => Self::B3Multi,
            "sentry" => Self::Sentry,
            _ => return None,
        })
    }
}

/// Which styles are read, in this order, and which are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Styles {
    pub(crate) extract: Vec<Propagation>,
    pub(crate) inject: Vec<Propagation>,
}

impl Builder {
    /// Which styles of trace headers are read, in this order, and which are written. Unless set:
    /// `DD_TRACE_PROPAGATION_STYLE_EXTRACT` and `_INJECT`, `DD_TRACE_PROPAGATION_STYLE`, `OTEL_PROPAGATORS`; else all
    /// are read, Datadog's first, and Datadog's, W3C's, Sentry's and baggage are written.
    ///
    /// ```no_run
    /// use instrumental::http::Propagation::{Baggage, TraceContext};
    /// let styles = [TraceContext, Baggage];
    /// let telemetry = instrumental::builder().propagation(styles, styles).init()?;
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    pub fn propagation(
        mut self,
        extract: impl Into<Vec<Propagation>>,
        inject: impl Into<Vec<Propagation>>,
    ) -> Self {
        self.given.set(Styles {
            extract: extract.into(),
            inject: inject.into(),
        });
        self
    }
}

/// Reads whatever comes; writes what the three families of backends read.
static STYLES: RwLock<Option<Arc<Styles>>> = RwLock::new(None);

impl Default for Styles {
    fn default() -> Self {
        use Propagation::{B3, B3Multi, Baggage, Datadog, Sentry, TraceContext};
        Self {
            extract: vec![Datadog, TraceContext, Sentry, B3, B3Multi, Baggage],
            inject: vec![Datadog, TraceContext, Sentry, Baggage],
        }
    }
}

const KNOWN: &str =
    "a list of `tracecontext`, `baggage`, `datadog`, `b3`, `b3multi`, `sentry`; or `none`";

impl Styles {
    /// `DD_TRACE_PROPAGATION_STYLE_EXTRACT`, `_INJECT`, `DD_TRACE_PROPAGATION_STYLE`, `OTEL_PROPAGATORS`.
    pub(crate) fn read(given: &Given, faults: &mut ConfigErrors) -> Self {
        const BOTH: &str = "DD_TRACE_PROPAGATION_STYLE";
        const OTEL: &str = "OTEL_PROPAGATORS";
        let default = Self::default();
        let extract = ["DD_TRACE_PROPAGATION_STYLE_EXTRACT", BOTH, OTEL];
        let inject = ["DD_TRACE_PROPAGATION_STYLE_INJECT", BOTH, OTEL];
        let extract = settings::parsed(&extract, KNOWN, faults, parse_list);
        // A fault of a variable that holds for both is told once.
        let mut again = ConfigErrors::default();
        let inject = settings::parsed(&inject, KNOWN, &mut again, parse_list);
        if extract.is_some() {
            faults.0.extend(again.0);
        }
        given.get().cloned().unwrap_or(Self {
            extract: extract.unwrap_or(default.extract),
            inject: inject.unwrap_or(default.inject),
        })
    }

    /// Holds from now on.
    pub(crate) fn install(self) {
        *STYLES.write().unwrap_or_else(|e| e.into_inner()) = Some(Arc::new(self));
    }
}

pub(super) fn parse_list(text: &str) -> Option<Vec<Propagation>> {
    let mut styles = Vec::new();
    for name in text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        if name.eq_ignore_ascii_case("none") {
            continue;
        }
        let style = Propagation::parse(name)?;
        if !styles.contains(&style) {
            styles.push(style);
        }
    }
    Some(styles)
}

/// Those in force.
pub(super) fn styles() -> Arc<Styles> {
    let styles = STYLES.read().unwrap_or_else(|e| e.into_inner());
    styles.clone().unwrap_or_default()
}
