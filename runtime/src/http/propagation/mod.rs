//! Trace contexts in headers: read in an order one chooses, written in every style one chooses.

mod b3;
mod baggage;
mod datadog;
mod sentry;
mod w3c;

#[allow(unused_imports)]
pub(crate) use sentry::set_own as set_sentry;

use crate::base::clock;
use crate::base::dropped::{self, Reason};
use crate::base::settings::{self, Faults};
use crate::collect::capture;
use crate::model::incoming::Incoming;
use http::HeaderMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, RwLock};

/// Bytes looked at, over all lines of one header (otel-rust and the specification of baggage: 8,192).
const MAX_BYTES: usize = 8192;
/// Seconds between two warnings of malformed headers, which anybody can send.
const QUIET: f64 = 10.0;

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
    pub(crate) fn read(faults: &mut Faults) -> Self {
        const BOTH: &str = "DD_TRACE_PROPAGATION_STYLE";
        const OTEL: &str = "OTEL_PROPAGATORS";
        let default = Self::default();
        let extract = ["DD_TRACE_PROPAGATION_STYLE_EXTRACT", BOTH, OTEL];
        let inject = ["DD_TRACE_PROPAGATION_STYLE_INJECT", BOTH, OTEL];
        let extract = settings::parsed(&extract, KNOWN, faults, parse_list);
        // A fault of a variable that holds for both is told once.
        let mut again = Faults::default();
        let inject = settings::parsed(&inject, KNOWN, &mut again, parse_list);
        if extract.is_some() {
            faults.0.extend(again.0);
        }
        Self {
            extract: extract.unwrap_or(default.extract),
            inject: inject.unwrap_or(default.inject),
        }
    }

    /// Holds from now on.
    pub(crate) fn install(self) {
        *STYLES.write().unwrap_or_else(|e| e.into_inner()) = Some(Arc::new(self));
    }
}

fn parse_list(text: &str) -> Option<Vec<Propagation>> {
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

fn styles() -> Arc<Styles> {
    let styles = STYLES.read().unwrap_or_else(|e| e.into_inner());
    styles.clone().unwrap_or_default()
}

/// Headers of this style are not to be used: counted, and told of now and then.
fn invalid(style: Propagation) {
    static TOLD: AtomicU64 = AtomicU64::new(0);
    dropped::count(Reason::PropagationInvalid);
    // What a test sees does not depend on which test was first: it sees the count.
    if capture::listening().is_none() && is_due(&TOLD, clock::now()) {
        // Not what they say: it is a stranger's text.
        tracing::warn!(
            target: "instrumental",
            "a request's {style:?} headers are malformed and not used; more in the next {QUIET} s are only counted"
        );
    }
}

/// Whether nothing was told for long enough. One of several threads at a time is told so.
fn is_due(told: &AtomicU64, now: u64) -> bool {
    let last = told.load(Relaxed);
    (last == 0 || clock::seconds(last, now) >= QUIET)
        && told
            .compare_exchange(last, now.max(1), Relaxed, Relaxed)
            .is_ok()
}

/// What became of one style's headers.
enum Found {
    /// There are none.
    Nothing,
    /// They are not to be used: counted, and nothing else.
    Malformed,
    Context(Incoming),
}

/// What a request brought along, by the first style whose headers are there and well formed. Contexts of other styles
/// that name another trace become links.
pub(crate) fn extract(headers: &HeaderMap) -> Option<Incoming> {
    extract_with(headers, &styles())
}

pub(crate) fn extract_with(headers: &HeaderMap, styles: &Styles) -> Option<Incoming> {
    let mut first: Option<Incoming> = None;
    let mut bag = Vec::new();
    for style in &styles.extract {
        let found = match style {
            Propagation::TraceContext => w3c::extract(headers),
            Propagation::Datadog => datadog::extract(headers),
            Propagation::B3 => b3::extract_single(headers),
            Propagation::B3Multi => b3::extract_multi(headers),
            Propagation::Sentry => sentry::extract(headers),
            Propagation::Baggage => {
                bag = baggage::extract(headers).0;
                continue;
            }
        };
        let context = match found {
            Found::Nothing => continue,
            Found::Malformed => {
                invalid(*style);
                continue;
            }
            Found::Context(context) => context,
        };
        match &mut first {
            None => first = Some(context),
            Some(first) => merge(first, context),
        }
    }
    if first.is_none() && !bag.is_empty() {
        first = Some(Incoming::default());
    }
    let mut incoming = first?;
    incoming.baggage = bag;
    // A service between may know `traceparent` and baggage alone.
    if incoming.sentry.is_empty() && styles.extract.contains(&Propagation::Sentry) {
        incoming.sentry = sentry::context_of(headers, incoming.trace);
    }
    Some(incoming)
}

/// Adds what another style says of the same request.
fn merge(first: &mut Incoming, other: Incoming) {
    if first.trace == 0 {
        // Only a decision, such as `b3: 0`.
        let sampled = first.sampled.or(other.sampled);
        *first = other;
        first.sampled = sampled;
        return;
    }
    if is_same(first.trace, other.trace) {
        // Whole, wherever it was said whole: half of it would be another trace to everybody else.
        first.trace = first.trace.max(other.trace);
        first.frozen |= other.frozen;
        if first.tracestate.is_empty() {
            first.tracestate = other.tracestate;
        }
        if first.sentry.is_empty() {
            first.sentry = other.sentry;
        }
    } else if other.trace != 0 {
        first.links.push((other.trace, other.span));
    }
}

/// Whether two ids name one trace: a style of 64 bits, or a proxy that drops headers, leaves the lower half.
fn is_same(one: u128, other: u128) -> bool {
    let is_half = one >> 64 == 0 || other >> 64 == 0;
    one == other || (is_half && one as u64 == other as u64)
}

/// What is told to another service.
pub(crate) struct Outgoing<'a> {
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) sampled: bool,
    /// What the running request brought along itself.
    pub(crate) incoming: Option<&'a Incoming>,
}

/// Writes the context in every style that is chosen.
pub(crate) fn inject(headers: &mut HeaderMap, outgoing: &Outgoing<'_>) {
    inject_with(headers, outgoing, &styles());
}

pub(crate) fn inject_with(headers: &mut HeaderMap, outgoing: &Outgoing<'_>, styles: &Styles) {
    if outgoing.trace == 0 {
        return;
    }
    let mut bag: Vec<String> = Vec::new();
    for style in &styles.inject {
        match style {
            Propagation::TraceContext => w3c::inject(headers, outgoing),
            Propagation::Datadog => datadog::inject(headers, outgoing),
            Propagation::B3 => b3::inject_single(headers, outgoing),
            Propagation::B3Multi => b3::inject_multi(headers, outgoing),
            Propagation::Sentry => bag.extend(sentry::inject(headers, outgoing)),
            Propagation::Baggage => bag.extend(baggage::members(outgoing)),
        }
    }
    baggage::append(headers, &bag);
}

/// The one value of a header; none where there are several, or it is no text.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<Result<&'a str, ()>> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() || value.len() > MAX_BYTES {
        return Some(Err(()));
    }
    Some(value.to_str().map_err(|_| ()))
}

/// Sets a header whose value is ours.
fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = http::HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Lower-case hexadecimal of exactly this many characters.
fn hex(text: &str, len: usize) -> Option<u128> {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let valid = text.len() == len && text.bytes().all(is_hex);
    valid.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests;
