//! The styles of trace headers that are read and written.

use crate::base::builder::Builder;
use crate::base::given::Given;
use crate::base::settings::{self, ConfigErrors};
use std::sync::{Arc, RwLock};

/// A style of trace headers.
///
/// ```no_run
/// use instrumental::http::Propagation::{B3, Baggage, TraceContext};
/// // Read W3C's headers, and B3's from services that do not send them; write W3C's alone.
/// let builder = instrumental::builder().propagation([TraceContext, B3, Baggage], [TraceContext, Baggage]);
/// ```
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
    /// `sentry-trace`, and the `sentry-` members of `baggage`.
    Sentry,
}

impl Propagation {
    /// Parses a name as `OTEL_PROPAGATORS` and `DD_TRACE_PROPAGATION_STYLE` spell it.
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

/// The styles that are read, in this order, and those that are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Styles {
    pub(crate) extract: Vec<Propagation>,
    pub(crate) inject: Vec<Propagation>,
}

impl Builder {
    /// Sets the styles of trace headers that are read, in this order, and those that are written.
    ///
    /// Unless set, they come from `DD_TRACE_PROPAGATION_STYLE_EXTRACT` and `_INJECT`, `DD_TRACE_PROPAGATION_STYLE` or
    /// `OTEL_PROPAGATORS`, in this order. Without any of them, all styles are read, Datadog's first, and Datadog's, W3C's,
    /// Sentry's and baggage are written.
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

/// The styles in use; the default ones until [`Styles::install`].
static STYLES: RwLock<Option<Arc<Styles>>> = RwLock::new(None);

impl Default for Styles {
    /// Reads every style, and writes those that OpenTelemetry's, Datadog's and Sentry's libraries read.
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
    /// Returns the styles that the builder was given, or those that the environment names.
    pub(crate) fn read(given: &Given, errors: &mut ConfigErrors) -> Self {
        const BOTH: &str = "DD_TRACE_PROPAGATION_STYLE";
        const OTEL: &str = "OTEL_PROPAGATORS";
        let default = Self::default();
        let extract = ["DD_TRACE_PROPAGATION_STYLE_EXTRACT", BOTH, OTEL];
        let inject = ["DD_TRACE_PROPAGATION_STYLE_INJECT", BOTH, OTEL];
        let extract = settings::parsed(&extract, KNOWN, errors, parse_list);
        // An error in a variable that sets both lists is reported once.
        let mut repeated = ConfigErrors::default();
        let inject = settings::parsed(&inject, KNOWN, &mut repeated, parse_list);
        if extract.is_some() {
            errors.0.extend(repeated.0);
        }
        given.get().cloned().unwrap_or(Self {
            extract: extract.unwrap_or(default.extract),
            inject: inject.unwrap_or(default.inject),
        })
    }

    /// Makes these the styles in use.
    pub(crate) fn install(self) {
        *STYLES.write().unwrap_or_else(|e| e.into_inner()) = Some(Arc::new(self));
    }
}

/// Parses a comma-separated list of styles without duplicates; `None` if a name is unknown.
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

/// Returns the styles in use.
pub(super) fn styles() -> Arc<Styles> {
    let styles = STYLES.read().unwrap_or_else(|e| e.into_inner());
    styles.clone().unwrap_or_default()
}
