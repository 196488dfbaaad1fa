//! Encodes traces in the Agent's v0.4 format.

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

// The limits to which the Agent's normalizer truncates, in bytes.
const MAX_KEY: usize = 200;
const MAX_NAME: usize = 100;
const MAX_RESOURCE: usize = 5000;
const MAX_VALUE: usize = 5000;

/// The data of this process that its traces carry.
pub(super) struct Process {
    service: String,
    env: String,
    version: Option<String>,
    attributes: Vec<(String, String)>,
    /// The sample rate that the program or the environment sets.
    rate: Option<f64>,
    agent_rate: AgentRate,
    runtime_id: String,
}

impl Process {
    /// Creates the data of this process, with a new runtime id.
    pub(super) fn new(identity: &Identity, rate: Option<f64>, agent_rate: AgentRate) -> Self {
        Self {
            service: cut(&identity.service, MAX_NAME).to_owned(),
            env: identity.environment.clone(),
            version: identity.version.clone(),
            attributes: identity.attributes.clone(),
            rate,
            agent_rate,
            runtime_id: runtime_id(),
        }
    }
}

/// Returns a random UUID of version 4.
fn runtime_id() -> String {
    let id = crate::collect::trace::ids::trace();
    let hex = format!("{id:032x}");
    format!(
        "{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    )
}

/// Writes a trace: an array of its spans.
pub(super) fn write(out: &mut Writer, trace: &Trace, process: &Process) {
    out.array(trace.spans.len());
    for (at, span) in trace.spans.iter().enumerate() {
        let mut tags = Tags::default();
        tags.add_attributes(span);
        tags.add_kind(span);
        tags.add_process(process);
        tags.add_site(span);
        tags.add_outcome(span);
        tags.add_events(span);
        tags.add_root(span, process);
        // The Agent reads the sampling decision of a trace from its first span.
        if at == 0 {
            tags.add_trace(trace, process);
        }
        self::span(out, span, process, &tags);
    }
}

/// Writes a span: a map of its fields.
fn span(out: &mut Writer, span: &FinishedSpan, process: &Process, tags: &Tags) {
    out.map(12);
    for (key, value) in [
        ("service", process.service.as_str()),
        ("name", &operation(span)),
        ("resource", cut(&resource(span), MAX_RESOURCE)),
        ("type", span_type(span)),
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
    tags.write(out);
}

fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

/// The tags of a span: text in `meta`, numbers in `metrics`.
#[derive(Default)]
struct Tags {
    meta: BTreeMap<String, String>,
    metrics: BTreeMap<String, f64>,
}

impl Tags {
    fn text(&mut self, key: &str, value: impl Into<String>) {
        self.meta.insert(key.into(), value.into());
    }

    fn number(&mut self, key: &str, value: f64) {
        self.metrics.insert(key.into(), value);
    }

    /// Adds the span's attributes. Those of HTTP are added under Datadog's names, too.
    fn add_attributes(&mut self, span: &FinishedSpan) {
        for (name, value) in span.attributes() {
            let datadog = match name {
                "http.request.method" => Some("http.method"),
                "http.response.status_code" => Some("http.status_code"),
                "url.full" | "url.path" => Some("http.url"),
                "user_agent.original" => Some("http.useragent"),
                _ => None,
            };
            if let Some(datadog) = datadog {
                self.text(datadog, value.to_string());
            }
            match value {
                FieldValue::U64(n) => self.number(name, n as f64),
                FieldValue::I64(n) => self.number(name, n as f64),
                FieldValue::F64(n) if n.is_finite() => self.number(name, n),
                other => self.text(name, other.to_string()),
            }
        }
    }

    /// Adds the tags of every span of this process.
    fn add_process(&mut self, process: &Process) {
        self.text("env", &process.env);
        self.text("language", "rust");
        self.text("component", "instrumental");
        if let Some(version) = &process.version {
            self.text("version", version);
        }
        for (key, value) in &process.attributes {
            self.text(key, value);
        }
    }

    /// Adds the span's kind. Datadog computes statistics of measured spans.
    fn add_kind(&mut self, span: &FinishedSpan) {
        self.text("span.kind", span.kind().as_str());
        if span.kind() != SpanKind::Internal {
            self.number("_dd.measured", 1.0);
        }
    }

    /// Adds the position of the annotated function in the source.
    fn add_site(&mut self, span: &FinishedSpan) {
        if let Origin::Site(site) = span.origin {
            let function = format!("{}::{}", site.spec().module, site.function());
            self.text("code.function.name", function);
            self.text("code.file.path", site.spec().file);
        }
    }

    /// Adds how the call ended. An expected error is not reported as `error.type`, which marks a failure in Datadog.
    fn add_outcome(&mut self, span: &FinishedSpan) {
        if span.is_failed() && !span.error.is_empty() {
            self.text("error.type", span.error);
        }
        if let Some(report) = &span.report {
            self.text("error.message", &*report.text);
            self.text("error.stack", report.logical_stack());
            if let Some(user) = &report.user {
                self.text("usr.id", &user.id);
            }
        }
        if !span.is_failed() && span.outcome != Outcome::Ok {
            self.text("function.outcome", span.ending());
            if !span.error.is_empty() {
                self.text("function.error", span.error);
            }
        }
    }

    /// Adds the span's events and links as JSON.
    fn add_events(&mut self, span: &FinishedSpan) {
        if !span.events.is_empty() {
            self.text("events", events(span));
        }
        let incoming = span.incoming.as_ref();
        let links = incoming.map_or(&[][..], |incoming| &incoming.links);
        if !links.is_empty() {
            let link = |(trace, span): &(u128, u64)| json!({ "trace_id": format!("{trace:032x}"), "span_id": format!("{span:016x}") });
            let links: Vec<_> = links.iter().map(link).collect();
            self.text("_dd.span_links", json!(links).to_string());
        }
    }

    /// Adds the tags of a local root.
    fn add_root(&mut self, span: &FinishedSpan, process: &Process) {
        if span.is_root() {
            self.number("_dd.top_level", 1.0);
            self.number("process_id", f64::from(std::process::id()));
            self.text("runtime-id", &process.runtime_id);
        }
    }

    /// Adds the tags of the whole trace: the upper half of its id, the sampling decision, and the tags that came with
    /// the request.
    fn add_trace(&mut self, trace: &Trace, process: &Process) {
        let upper = (trace.id >> 64) as u64;
        if upper != 0 {
            self.text("_dd.p.tid", format!("{upper:016x}"));
        }
        let incoming = trace.root().and_then(|root| root.incoming.as_ref());
        let received = incoming
            .and_then(|incoming| incoming.priority)
            .filter(|priority| *priority > 0);
        let (priority, mechanism) = match trace.kept {
            // Reported as a manual decision (mechanism `-4`), so that the Agent keeps the trace.
            SamplingReason::Failed | SamplingReason::Slow => (2, "-4"),
            SamplingReason::Sampled => (received.unwrap_or(1), self.add_decision(trace, process)),
        };
        self.number("_sampling_priority_v1", f64::from(priority));
        self.text("_dd.p.dm", mechanism);
        if let Some(incoming) = incoming {
            self.meta.extend(incoming.datadog_tags.iter().cloned());
            if let Some(origin) = &incoming.datadog_origin {
                self.text("_dd.origin", origin);
            }
        }
    }

    /// Adds the applied sample rate, and returns Datadog's number of the mechanism that set it: a rule of this process,
    /// the Agent's rate, or the default. A decision of another process comes with its own headers.
    fn add_decision(&mut self, trace: &Trace, process: &Process) -> &'static str {
        let root = trace.root();
        if root.is_some_and(|root| root.parent != 0) {
            return "-0";
        }
        let rule = root.and_then(|root| sampling::rule(root.name()));
        let (key, rate, mechanism) = match (rule.or(process.rate), process.agent_rate.get()) {
            (Some(rate), _) => ("_dd.rule_psr", rate, "-3"),
            (None, Some(rate)) => ("_dd.agent_psr", rate, "-1"),
            (None, None) => return "-0",
        };
        self.number(key, rate);
        mechanism
    }

    fn write(&self, out: &mut Writer) {
        out.text("meta");
        out.map(self.meta.len());
        for (key, value) in &self.meta {
            out.text(cut(key, MAX_KEY));
            out.text(cut(value, MAX_VALUE));
        }
        out.text("metrics");
        out.map(self.metrics.len());
        for (key, value) in &self.metrics {
            out.text(cut(key, MAX_KEY));
            out.float(*value);
        }
    }
}

/// Returns the span's events as the JSON that the Agent reads from the `events` tag.
fn events(span: &FinishedSpan) -> String {
    let events = span.events.iter().map(|event| {
        let fields = event.fields.latest().into_iter();
        let attributes: serde_json::Map<_, _> = fields
            .map(|(name, value)| (name.to_owned(), json_value(value)))
            .collect();
        let since = event.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        json!({ "name": event.site.spec().name, "time_unix_nano": nanos(since), "attributes": attributes })
    });
    serde_json::Value::Array(events.collect()).to_string()
}

fn json_value(value: FieldValue<'_>) -> serde_json::Value {
    match value {
        FieldValue::U64(n) => n.into(),
        FieldValue::I64(n) => n.into(),
        FieldValue::F64(n) => n.into(),
        FieldValue::Bool(b) => b.into(),
        FieldValue::Str(s) => s.into(),
    }
}

fn has(span: &FinishedSpan, name: &str) -> bool {
    let fields = span.fields.as_ref();
    fields.is_some_and(|fields| fields.get(name).is_some())
}

/// Returns the operation name, by Datadog's mapping of OpenTelemetry spans.
fn operation(span: &FinishedSpan) -> String {
    let has = |name: &str| has(span, name);
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

/// Returns the resource: the text of a query, or else the span's name, which is the route or the function.
fn resource(span: &FinishedSpan) -> String {
    let fields = span.fields.as_ref();
    let query = fields.and_then(|f| f.get("db.query.text").or_else(|| f.get("db.statement")));
    query.map_or_else(|| span.name().to_owned(), |query| query.to_string())
}

/// Returns Datadog's type of the span.
fn span_type(span: &FinishedSpan) -> &'static str {
    let has = |name: &str| has(span, name);
    match span.kind() {
        SpanKind::Server => "web",
        _ if has("db.statement") || has("db.query.text") => "sql",
        SpanKind::Client if has("db.system") || has("db.system.name") => "db",
        SpanKind::Client => "http",
        SpanKind::Producer | SpanKind::Consumer => "queue",
        SpanKind::Internal => "custom",
    }
}
