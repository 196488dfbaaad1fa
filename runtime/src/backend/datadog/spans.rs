//! A trace as the Agent's v0.4 format has it.

use super::agent::AgentRate;
use super::msgpack::Writer;
use crate::base::settings::Identity;
use crate::collect::trace::sampling;
use crate::model::cut::cut;
use crate::model::fields::FieldValue;
use crate::model::outcome::Outcome;
use crate::model::span::Origin;
use crate::model::spec::SpanKind;
use crate::pipeline::{FinishedSpan, SamplingReason, Trace};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

// Limits of the Agent's normaliser.
const MAX_NAME: usize = 100;
const MAX_RESOURCE: usize = 5000;
const MAX_VALUE: usize = 5000;

/// What all traces of this process say.
pub(super) struct Constant {
    service: String,
    env: String,
    version: Option<String>,
    attributes: Vec<(String, String)>,
    /// The sample rate, where somebody here chose it.
    rate: Option<f64>,
    agent_rate: AgentRate,
    runtime_id: String,
}

impl Constant {
    pub(super) fn new(identity: &Identity, rate: Option<f64>, agent_rate: AgentRate) -> Self {
        let id = crate::collect::trace::ids::trace();
        let hex = format!("{id:032x}");
        Self {
            service: cut(&identity.service, MAX_NAME).to_owned(),
            env: identity.environment.clone(),
            version: identity.version.clone(),
            attributes: identity.attributes.clone(),
            rate,
            agent_rate,
            runtime_id: format!(
                "{}-{}-4{}-8{}-{}",
                &hex[..8],
                &hex[8..12],
                &hex[13..16],
                &hex[17..20],
                &hex[20..]
            ),
        }
    }
}

/// Writes a trace: an array of its spans.
pub(super) fn write(out: &mut Writer, trace: &Trace, constant: &Constant) {
    out.array(trace.spans.len());
    for (at, span) in trace.spans.iter().enumerate() {
        self::span(out, span, trace, at == 0, constant);
    }
}

fn span(out: &mut Writer, span: &FinishedSpan, trace: &Trace, first: bool, constant: &Constant) {
    let (mut meta, mut metrics) = (BTreeMap::new(), BTreeMap::new());
    attributes(span, &mut meta, &mut metrics);
    everywhere(span, constant, &mut meta, &mut metrics);
    // What belongs to the trace is told with the first of its spans.
    if first {
        of_trace(trace, constant, &mut meta, &mut metrics);
    }
    out.map(12);
    for (key, value) in [
        ("service", constant.service.as_str()),
        ("name", &operation(span)),
        ("resource", cut(&resource(span), MAX_RESOURCE)),
        ("type", kind(span)),
    ] {
        out.text(key);
        out.text(value);
    }
    for (key, id) in [
        ("trace_id", span.trace as u64),
        ("span_id", span.span),
        ("parent_id", span.parent),
    ] {
        out.text(key);
        out.unsigned(id);
    }
    let since = span.start.duration_since(UNIX_EPOCH).unwrap_or_default();
    for (key, time) in [("start", since), ("duration", span.duration)] {
        out.text(key);
        out.signed(nanos(time));
    }
    out.text("error");
    out.unsigned(u64::from(span.is_failed()));
    out.text("meta");
    out.map(meta.len());
    for (key, value) in &meta {
        out.text(cut(key, 200));
        out.text(cut(value, MAX_VALUE));
    }
    out.text("metrics");
    out.map(metrics.len());
    for (key, value) in &metrics {
        out.text(cut(key, 200));
        out.float(*value);
    }
}

fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

type Meta = BTreeMap<String, String>;
type Metrics = BTreeMap<String, f64>;

/// Recorded fields: texts are meta, numbers metrics. Datadog has names of its own for those of HTTP.
fn attributes(span: &FinishedSpan, meta: &mut Meta, metrics: &mut Metrics) {
    for (name, value) in span.attributes() {
        let own = match name {
            "http.request.method" => Some("http.method"),
            "http.response.status_code" => Some("http.status_code"),
            "url.full" | "url.path" => Some("http.url"),
            "user_agent.original" => Some("http.useragent"),
            _ => None,
        };
        if let Some(own) = own {
            meta.insert(own.into(), value.to_string());
        }
        match value {
            FieldValue::U64(n) => drop(metrics.insert(name.into(), n as f64)),
            FieldValue::I64(n) => drop(metrics.insert(name.into(), n as f64)),
            FieldValue::F64(n) if n.is_finite() => drop(metrics.insert(name.into(), n)),
            other => drop(meta.insert(name.into(), other.to_string())),
        }
    }
}

fn everywhere(span: &FinishedSpan, constant: &Constant, meta: &mut Meta, metrics: &mut Metrics) {
    let mut tell = |key: &str, value: &str| drop(meta.insert(key.into(), value.into()));
    tell("env", &constant.env);
    tell("language", "rust");
    tell("component", "instrumental");
    tell("span.kind", span.kind().as_str());
    if let Some(version) = &constant.version {
        tell("version", version);
    }
    for (key, value) in &constant.attributes {
        tell(key, value);
    }
    if let Origin::Site(site) = span.origin {
        tell(
            "code.function.name",
            &format!("{}::{}", site.spec().module, site.function()),
        );
        tell("code.file.path", site.spec().file);
    }
    if span.is_failed() && !span.error.is_empty() {
        tell("error.type", span.error);
    }
    if let Some(report) = &span.report {
        tell("error.message", &report.text);
        tell("error.stack", &report.logical_stack());
        if let Some(user) = &report.user {
            tell("usr.id", &user.id);
        }
    }
    if !span.is_failed() && span.outcome != Outcome::Ok {
        tell("function.outcome", span.ending());
        if !span.error.is_empty() {
            tell("function.error", span.error);
        }
    }
    if !span.events.is_empty() {
        tell("events", &events(span));
    }
    if let Some(links) = span
        .incoming
        .as_ref()
        .map(|incoming| &incoming.links)
        .filter(|l| !l.is_empty())
    {
        let links: Vec<_> = links
            .iter()
            .map(|(trace, span)| json!({ "trace_id": format!("{trace:032x}"), "span_id": format!("{span:016x}") }))
            .collect();
        tell("_dd.span_links", &json!(links).to_string());
    }
    if span.is_root() {
        metrics.insert("_dd.top_level".into(), 1.0);
        metrics.insert("process_id".into(), f64::from(std::process::id()));
        meta.insert("runtime-id".into(), constant.runtime_id.clone());
    }
    if span.kind() != SpanKind::Internal {
        metrics.insert("_dd.measured".into(), 1.0);
    }
}

/// Business events, as the Agent reads events of a span.
fn events(span: &FinishedSpan) -> String {
    let events = span.events.iter().map(|event| {
        let fields = event.fields.latest().into_iter();
        let attributes: serde_json::Map<_, _> = fields
            .map(|(name, value)| {
                let value = match value {
                    FieldValue::U64(n) => n.into(),
                    FieldValue::I64(n) => n.into(),
                    FieldValue::F64(n) => n.into(),
                    FieldValue::Bool(b) => b.into(),
                    FieldValue::Str(s) => s.into(),
                };
                (name.to_owned(), value)
            })
            .collect();
        let since = event.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        json!({ "name": event.site.spec().name, "time_unix_nano": nanos(since), "attributes": attributes })
    });
    serde_json::Value::Array(events.collect()).to_string()
}

fn of_trace(trace: &Trace, constant: &Constant, meta: &mut Meta, metrics: &mut Metrics) {
    let upper = (trace.id >> 64) as u64;
    if upper != 0 {
        meta.insert("_dd.p.tid".into(), format!("{upper:016x}"));
    }
    let incoming = trace.root().and_then(|root| root.incoming.as_ref());
    let told = incoming
        .and_then(|incoming| incoming.priority)
        .filter(|priority| *priority > 0);
    let (priority, mechanism) = match trace.kept {
        // Kept for what happened in it: as if the user had said so.
        SamplingReason::Failed | SamplingReason::Slow => (2, "-4"),
        SamplingReason::Sampled => (told.unwrap_or(1), decision(trace, constant, metrics)),
    };
    metrics.insert("_sampling_priority_v1".into(), f64::from(priority));
    meta.insert("_dd.p.dm".into(), mechanism.into());
    if let Some(incoming) = incoming {
        meta.extend(incoming.datadog_tags.iter().cloned());
        let origin = incoming.datadog_origin.iter();
        meta.extend(origin.map(|origin| ("_dd.origin".to_owned(), origin.clone())));
    }
}

/// Who decided, as Datadog numbers it: a rule of ours, the Agent's rate, or nobody; with the rate. Who decided
/// in another process says so in its own headers.
fn decision(trace: &Trace, constant: &Constant, metrics: &mut Metrics) -> &'static str {
    let root = trace.root();
    if root.is_some_and(|root| root.parent != 0) {
        return "-0";
    }
    let rule = root.and_then(|root| sampling::rule(root.name()));
    let (key, rate, mechanism) = match (rule.or(constant.rate), constant.agent_rate.get()) {
        (Some(rate), _) => ("_dd.rule_psr", rate, "-3"),
        (None, Some(rate)) => ("_dd.agent_psr", rate, "-1"),
        (None, None) => return "-0",
    };
    metrics.insert(key.into(), rate);
    mechanism
}

/// The operation, by Datadog's mapping of OpenTelemetry spans.
fn operation(span: &FinishedSpan) -> String {
    let has = |name: &str| {
        span.fields
            .as_ref()
            .is_some_and(|fields| fields.get(name).is_some())
    };
    let known = match span.kind() {
        SpanKind::Server if has("rpc.system") => "grpc.server.request",
        SpanKind::Server if has("http.request.method") => "http.server.request",
        SpanKind::Server => "server.request",
        SpanKind::Client if has("http.request.method") => "http.client.request",
        SpanKind::Client if has("db.system") || has("db.system.name") => "db.query",
        SpanKind::Client => "client.request",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
        SpanKind::Internal => match span.origin {
            Origin::Site(_) => "function",
            Origin::Foreign(metadata) => return super::tags::name(cut(metadata.name(), MAX_NAME)),
        },
    };
    known.to_owned()
}

/// What was worked on: a query's text, else the span's name, which is the route or the function.
fn resource(span: &FinishedSpan) -> String {
    let fields = span.fields.as_ref();
    let query = fields.and_then(|f| f.get("db.query.text").or_else(|| f.get("db.statement")));
    query.map_or_else(|| span.name().to_owned(), |query| query.to_string())
}

fn kind(span: &FinishedSpan) -> &'static str {
    let has = |name: &str| {
        span.fields
            .as_ref()
            .is_some_and(|fields| fields.get(name).is_some())
    };
    match span.kind() {
        SpanKind::Server => "web",
        _ if has("db.statement") || has("db.query.text") => "sql",
        SpanKind::Client if has("db.system") || has("db.system.name") => "db",
        SpanKind::Client => "http",
        SpanKind::Producer | SpanKind::Consumer => "queue",
        SpanKind::Internal => "custom",
    }
}
