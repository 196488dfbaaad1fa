//! The same function, instrumented by peers.

use crate::floor::{Failure, body, body_async, drive};
use crate::measure::{calls, polls};
use crate::scenario::{ASYNC, SYNC, Scenario, nothing, scenarios, threads};
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

#[inline(never)]
#[tracing::instrument(skip_all)]
pub(crate) fn instrument(x: u64) -> Result<u64, Failure> {
    body(x)
}

#[inline(never)]
#[tracing::instrument]
pub(crate) fn instrument_field(x: u64) -> Result<u64, Failure> {
    body(x)
}

#[tracing::instrument(skip_all)]
pub(crate) async fn instrument_async(x: u64) -> Result<u64, Failure> {
    body_async(x).await
}

#[tracing::instrument]
pub(crate) async fn instrument_field_async(x: u64) -> Result<u64, Failure> {
    body_async(x).await
}

#[inline(never)]
#[fastrace::trace]
pub(crate) fn fastrace(x: u64) -> Result<u64, Failure> {
    body(x)
}

#[inline(never)]
#[fastrace::trace(properties = { "x": "{x}" })]
pub(crate) fn fastrace_property(x: u64) -> Result<u64, Failure> {
    body(x)
}

#[fastrace::trace]
pub(crate) async fn fastrace_async(x: u64) -> Result<u64, Failure> {
    body_async(x).await
}

#[fastrace::trace(properties = { "x": "{x}" })]
pub(crate) async fn fastrace_property_async(x: u64) -> Result<u64, Failure> {
    body_async(x).await
}

/// A batch of calls under a root span, as in a request.
macro_rules! under_root {
    ($call:expr) => {{
        #[inline(never)]
        fn bench_batch(calls: u64) {
            let root = ::fastrace::Span::root("root", ::fastrace::prelude::SpanContext::random());
            let _guard = root.set_local_parent();
            for x in 0..calls {
                let _ = black_box($call(black_box(x)));
            }
        }
        bench_batch
    }};
}

pub(crate) const FASTRACE: fn(u64) = under_root!(fastrace);
pub(crate) const FASTRACE_PROPERTY: fn(u64) = under_root!(fastrace_property);
pub(crate) const FASTRACE_ASYNC: fn(u64) = under_root!(|x| drive(fastrace_async(x)));
pub(crate) const FASTRACE_PROPERTY_ASYNC: fn(u64) =
    under_root!(|x| drive(fastrace_property_async(x)));

#[inline(never)]
#[autometrics::autometrics]
pub(crate) fn autometrics(x: u64) -> Result<u64, Failure> {
    body(x)
}

/// The body with the macros of `metrics`.
#[inline(never)]
pub(crate) fn metrics_macros(x: u64) -> Result<u64, Failure> {
    let start = Instant::now();
    let out = body(x);
    let outcome = if out.is_ok() { "ok" } else { "error" };
    metrics::counter!("calls", "function" => "work", "outcome" => outcome).increment(1);
    metrics::histogram!("duration", "function" => "work", "outcome" => outcome)
        .record(start.elapsed());
    out
}

struct Handles([(metrics::Counter, metrics::Histogram); 2]);

static HANDLES: LazyLock<Handles> = LazyLock::new(|| {
    Handles(["ok", "error"].map(|outcome| {
        (
            metrics::counter!("calls", "function" => "handles", "outcome" => outcome),
            metrics::histogram!("duration", "function" => "handles", "outcome" => outcome),
        )
    }))
});

/// The body with stored handles of `metrics`.
#[inline(never)]
pub(crate) fn metrics_handles(x: u64) -> Result<u64, Failure> {
    let start = Instant::now();
    let out = body(x);
    let (counter, histogram) = &HANDLES.0[usize::from(out.is_err())];
    counter.increment(1);
    histogram.record(start.elapsed());
    out
}

/// A `tracing` span combined with the macros of `metrics`.
#[inline(never)]
#[tracing::instrument(skip_all)]
pub(crate) fn instrument_and_macros(x: u64) -> Result<u64, Failure> {
    metrics_macros(x)
}

#[inline(never)]
pub(crate) fn metrics_by_city(x: u64) -> Result<u64, Failure> {
    crate::ours::with_city(x, |city| {
        metrics::counter!("by_city", "city" => city.to_owned()).increment(1);
    });
    body(x)
}

/// Installs a Prometheus recorder, whose buffers are drained between batches.
pub(crate) fn recorder() -> Box<dyn FnMut()> {
    let handle = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder();
    match handle {
        Ok(handle) => Box::new(move || handle.run_upkeep()),
        Err(error) => panic!("{error}"),
    }
}

/// Installs the registry without layers.
pub(crate) fn registry() -> Box<dyn FnMut()> {
    use tracing_subscriber::util::SubscriberInitExt as _;
    tracing_subscriber::registry().init();
    Box::new(|| ())
}

struct Discard;

impl ::fastrace::collector::Reporter for Discard {
    fn report(&mut self, spans: Vec<::fastrace::collector::SpanRecord>) {
        black_box(spans);
    }
}

/// Installs a reporter that discards everything.
pub(crate) fn reporter() -> Box<dyn FnMut()> {
    ::fastrace::set_reporter(Discard, ::fastrace::collector::Config::default());
    Box::new(::fastrace::flush)
}

/// Turns the exporter of autometrics on.
pub(crate) fn exporter() -> Box<dyn FnMut()> {
    ::autometrics::prometheus_exporter::init();
    Box::new(|| ())
}

/// The scenarios of peers that measure, or record without a backend.
pub(crate) fn of_peers() -> Vec<Scenario> {
    let mut all = scenarios! {
        "instrument-off", "`tracing::instrument`, no subscriber", nothing, calls!(crate::peers::instrument), SYNC;
        "instrument-off-async", "`tracing::instrument` async, no subscriber", nothing, polls!(crate::peers::instrument_async), ASYNC;
        "fastrace-off", "`fastrace::trace`, no reporter", nothing, calls!(crate::peers::fastrace), SYNC;
        "fastrace-off-async", "`fastrace::trace` async, no reporter", nothing, polls!(crate::peers::fastrace_async), ASYNC;
        "handles", "`metrics` handles kept, Prometheus", recorder, calls!(crate::peers::metrics_handles), SYNC;
        "macros", "`metrics` macros, Prometheus", recorder, calls!(crate::peers::metrics_macros), SYNC;
        "macros-city", "`metrics` counter, 100,000 texts, unbounded", recorder, calls!(crate::peers::metrics_by_city), calls!(crate::ours::city_alone);
        "autometrics", "`autometrics`, its Prometheus exporter", exporter, calls!(crate::peers::autometrics), SYNC;
        "instrument", "`tracing::instrument`, registry", registry, calls!(crate::peers::instrument), SYNC;
        "instrument-field", "`tracing::instrument` with a field, registry", registry, calls!(crate::peers::instrument_field), SYNC;
        "instrument-async", "`tracing::instrument` async, registry", registry, polls!(crate::peers::instrument_async), ASYNC;
        "instrument-field-async", "`tracing::instrument` async with a field, registry", registry, polls!(crate::peers::instrument_field_async), ASYNC;
        "fastrace", "`fastrace::trace` under a root", reporter, FASTRACE, SYNC;
        "fastrace-field", "`fastrace::trace` with a property", reporter, FASTRACE_PROPERTY, SYNC;
        "fastrace-async", "`fastrace::trace` async", reporter, FASTRACE_ASYNC, ASYNC;
        "fastrace-field-async", "`fastrace::trace` async with a property", reporter, FASTRACE_PROPERTY_ASYNC, ASYNC;
    };
    all.extend(threads! {
        "handles-threads", "`metrics` handles kept, Prometheus", recorder, calls!(crate::peers::metrics_handles);
        "macros-threads", "`metrics` macros, Prometheus", recorder, calls!(crate::peers::metrics_macros);
        "autometrics-threads", "`autometrics`, its Prometheus exporter", exporter, calls!(crate::peers::autometrics);
    });
    all
}
