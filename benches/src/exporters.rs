//! Peers that record spans for a backend, with an exporter that discards them.

use crate::floor::{Failure, body, body_async, drive};
use crate::measure::calls;
use crate::scenario::{ASYNC, SYNC, Scenario, of};
use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, SpanData, SpanExporter,
};
use std::hint::black_box;
use std::sync::OnceLock;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[derive(Debug)]
struct Discard;

impl SpanExporter for Discard {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        black_box(batch);
        Ok(())
    }
}

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// Installs the SDK.
pub(crate) fn sdk() -> Box<dyn FnMut()> {
    sdk_with(Sampler::AlwaysOn)
}

/// Installs the SDK with sampling off.
pub(crate) fn sdk_unsampled() -> Box<dyn FnMut()> {
    sdk_with(Sampler::AlwaysOff)
}

fn provider(sampler: Sampler) -> SdkTracerProvider {
    let processor = BatchSpanProcessor::builder(Discard).build();
    SdkTracerProvider::builder()
        .with_sampler(sampler)
        .with_span_processor(processor)
        .build()
}

fn sdk_with(sampler: Sampler) -> Box<dyn FnMut()> {
    let provider = provider(sampler);
    let _ = TRACER.set(provider.tracer("bench"));
    Box::new(move || drop(provider.force_flush()))
}

/// A span created with the SDK directly.
#[inline(never)]
pub(crate) fn sdk_call(x: u64) -> Result<u64, Failure> {
    let tracer = TRACER.get().expect("installed");
    let mut span = tracer.start("work");
    let out = body(x);
    span.end();
    out
}

/// Installs `tracing-opentelemetry` on a registry.
pub(crate) fn tracing_otel() -> Box<dyn FnMut()> {
    let provider = provider(Sampler::AlwaysOn);
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
    tracing_subscriber::registry().with(layer).init();
    Box::new(move || drop(provider.force_flush()))
}

/// Installs `tracing-opentelemetry` with sampling off.
pub(crate) fn tracing_otel_unsampled() -> Box<dyn FnMut()> {
    let provider = provider(Sampler::AlwaysOff);
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
    tracing_subscriber::registry().with(layer).init();
    Box::new(move || drop(provider.force_flush()))
}

struct DiscardTransport;

impl sentry::Transport for DiscardTransport {
    fn send_envelope(&self, envelope: sentry::Envelope) {
        black_box(envelope);
    }
}

/// Installs `sentry-tracing` on a registry.
pub(crate) fn sentry() -> Box<dyn FnMut()> {
    sentry_with(1.0)
}

/// Installs `sentry-tracing` with sampling off.
pub(crate) fn sentry_unsampled() -> Box<dyn FnMut()> {
    sentry_with(0.0)
}

fn sentry_with(rate: f32) -> Box<dyn FnMut()> {
    let options = sentry::ClientOptions::new()
        .dsn("http://key@127.0.0.1:1/1")
        .traces_sample_rate(rate)
        .transport(|_: &sentry::ClientOptions| {
            std::sync::Arc::new(DiscardTransport) as std::sync::Arc<dyn sentry::Transport>
        });
    let guard = sentry::init(options);
    tracing_subscriber::registry()
        .with(sentry::integrations::tracing::SpanLayer::new())
        .init();
    Box::new(move || {
        black_box(&guard);
    })
}

#[inline(never)]
#[tracing::instrument(skip_all)]
pub(crate) fn instrument(x: u64) -> Result<u64, Failure> {
    body(x)
}

#[tracing::instrument(skip_all)]
pub(crate) async fn instrument_async(x: u64) -> Result<u64, Failure> {
    body_async(x).await
}

/// A batch of calls under a root span, as in a request.
macro_rules! under_root {
    ($call:expr) => {{
        #[inline(never)]
        fn bench_batch(calls: u64) {
            let _root = tracing::info_span!("root").entered();
            for x in 0..calls {
                let _ = black_box($call(black_box(x)));
            }
        }
        bench_batch
    }};
}

const UNDER_ROOT: fn(u64) = under_root!(instrument);
const UNDER_ROOT_ASYNC: fn(u64) = under_root!(|x| drive(instrument_async(x)));

/// The scenarios of peers that record for a backend.
pub(crate) fn of_exporters() -> Vec<Scenario> {
    let sync = |key, title, install, batch| of(key, title, install, batch, SYNC);
    vec![
        sync(
            "otel-sdk",
            "OpenTelemetry SDK, used directly",
            sdk,
            calls!(crate::exporters::sdk_call),
        ),
        sync(
            "otel-sdk-out",
            "OpenTelemetry SDK, used directly, sampled out",
            sdk_unsampled,
            calls!(crate::exporters::sdk_call),
        ),
        sync(
            "tracing-otel",
            "`tracing-opentelemetry`",
            tracing_otel,
            UNDER_ROOT,
        ),
        of(
            "tracing-otel-async",
            "`tracing-opentelemetry` async",
            tracing_otel,
            UNDER_ROOT_ASYNC,
            ASYNC,
        ),
        sync(
            "tracing-otel-out",
            "`tracing-opentelemetry`, sampled out",
            tracing_otel_unsampled,
            UNDER_ROOT,
        ),
        sync("sentry-tracing", "`sentry-tracing`", sentry, UNDER_ROOT),
        of(
            "sentry-tracing-async",
            "`sentry-tracing` async",
            sentry,
            UNDER_ROOT_ASYNC,
            ASYNC,
        ),
        sync(
            "sentry-tracing-out",
            "`sentry-tracing`, sampled out",
            sentry_unsampled,
            UNDER_ROOT,
        ),
    ]
}
