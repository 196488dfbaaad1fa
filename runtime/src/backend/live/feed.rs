//! The recent traces, errors, events and log records, as JSON.

use crate::base::settings::Identity;
use crate::model::fields::{FieldValue, Fields};
use crate::model::record::{Record, Report, ReportKind};
use crate::model::span::Origin;
use crate::pipeline::{FinishedSpan, SamplingReason, Trace};
use crate::{Sample, SampleValue};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

/// The maximum number of items of each kind.
const MAX_ITEMS: usize = 300;
/// The maximum number of spans of a trace.
const MAX_SPANS: usize = 200;

/// An item with its number. The page asks for the items after a number.
struct Item {
    number: u64,
    value: Value,
}

pub(super) struct Feed {
    identity: Value,
    next: u64,
    traces: VecDeque<Item>,
    errors: VecDeque<Item>,
    events: VecDeque<Item>,
    logs: VecDeque<Item>,
}

fn millis(time: SystemTime) -> f64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs_f64() * 1000.0
}

fn json_value(value: FieldValue<'_>) -> Value {
    match value {
        FieldValue::U64(n) => n.into(),
        FieldValue::I64(n) => n.into(),
        FieldValue::F64(n) => n.into(),
        FieldValue::Bool(b) => b.into(),
        FieldValue::Str(s) => s.into(),
    }
}

fn fields(fields: &Fields) -> Value {
    let pairs = fields.latest().into_iter();
    Value::Object(
        pairs
            .map(|(name, value)| (name.to_owned(), json_value(value)))
            .collect(),
    )
}

/// Adds an item with the next number. If there is no room, removes the oldest.
fn push(items: &mut VecDeque<Item>, next: &mut u64, value: Value) {
    *next += 1;
    if items.len() == MAX_ITEMS {
        items.pop_front();
    }
    items.push_back(Item {
        number: *next,
        value,
    });
}

impl Feed {
    pub(super) fn new(identity: &Identity) -> Self {
        Self {
            identity: json!({
                "service": identity.service,
                "environment": identity.environment,
                "version": identity.version,
                "pid": std::process::id(),
            }),
            next: 0,
            traces: VecDeque::new(),
            errors: VecDeque::new(),
            events: VecDeque::new(),
            logs: VecDeque::new(),
        }
    }

    pub(super) fn trace(&mut self, trace: &Trace) {
        let Some(root) = trace.root() else { return };
        let spans: Vec<Value> = trace
            .spans
            .iter()
            .take(MAX_SPANS)
            .map(|s| span(s, root))
            .collect();
        let value = json!({
            "trace": format!("{:032x}", trace.id),
            "name": root.name(),
            "time": millis(root.start),
            "duration": root.duration.as_secs_f64() * 1000.0,
            "outcome": root.ending(),
            "failed": root.is_notable(),
            "error": root.error,
            "kept": match trace.kept { SamplingReason::Sampled => "sampled", SamplingReason::Failed => "failed", SamplingReason::Slow => "slow" },
            "count": trace.spans.len(),
            "spans": spans,
        });
        push(&mut self.traces, &mut self.next, value);
    }

    pub(super) fn record(&mut self, record: &Record) {
        match record {
            Record::Event(event) => {
                let value = json!({
                    "name": event.site.spec().name,
                    "time": millis(event.time),
                    "trace": format!("{:032x}", event.place.trace),
                    "fields": fields(&event.fields),
                });
                push(&mut self.events, &mut self.next, value);
            }
            Record::Log(log) => {
                let message = log.fields.get("message").map(|message| message.to_string());
                let value = json!({
                    "level": log.metadata.level().as_str(),
                    "target": log.metadata.target(),
                    "message": message,
                    "time": millis(log.time),
                    "trace": format!("{:032x}", log.place.trace),
                    "fields": fields(&log.fields),
                });
                push(&mut self.logs, &mut self.next, value);
            }
            Record::Report(report) => {
                push(&mut self.errors, &mut self.next, self::report(report));
            }
            Record::Incoming(..) => {}
        }
    }

    /// Returns the items after the number `since`, and all metrics.
    pub(super) fn json(&self, since: u64) -> Value {
        let new = |items: &VecDeque<Item>| -> Vec<Value> {
            items
                .iter()
                .filter(|item| item.number > since)
                .map(|item| item.value.clone())
                .collect()
        };
        json!({
            "identity": self.identity,
            "next": self.next,
            "now": millis(SystemTime::now()),
            "traces": new(&self.traces),
            "errors": new(&self.errors),
            "events": new(&self.events),
            "logs": new(&self.logs),
            "metrics": crate::ops::samples::samples().iter().map(metric).collect::<Vec<_>>(),
        })
    }
}

fn span(span: &FinishedSpan, root: &FinishedSpan) -> Value {
    let after = span.start.duration_since(root.start).unwrap_or_default();
    let place = match span.origin {
        Origin::Site(site) => format!("{}:{}", site.spec().file, site.spec().line),
        Origin::Foreign(metadata) => metadata.target().to_owned(),
    };
    let attributes = span.attributes().into_iter();
    let attributes: Map<String, Value> = attributes
        .map(|(name, value)| (name.to_owned(), json_value(value)))
        .collect();
    json!({
        "id": format!("{:016x}", span.span),
        "parent": format!("{:016x}", span.parent),
        "name": span.name(),
        "kind": span.kind().as_str(),
        "at": after.as_secs_f64() * 1000.0,
        "duration": span.duration.as_secs_f64() * 1000.0,
        "failed": span.is_notable(),
        "outcome": span.ending(),
        "error": span.error,
        "place": place,
        "fields": attributes,
        "events": span.events.iter().map(|event| event.site.spec().name).collect::<Vec<_>>(),
    })
}

fn report(report: &Report) -> Value {
    let kind = match report.kind {
        ReportKind::Error | ReportKind::Manual => "error",
        ReportKind::Message => "message",
        ReportKind::Slow => "slow",
        ReportKind::Panic => "panic",
    };
    json!({
        "kind": kind,
        "level": report.level.as_str(),
        "type": report.label,
        "message": &*report.text,
        "chain": report.chain.iter().map(|source| &source.text).collect::<Vec<_>>(),
        "time": millis(report.time),
        "trace": format!("{:032x}", report.place.trace),
        "function": report.site.map(|site| site.function()),
        "stack": report.logical_stack(),
        "user": report.user.as_ref().map(|user| user.id.clone()),
        "tags": report.tags,
        "fields": report.around.as_ref().map(fields),
        "breadcrumbs": report.breadcrumbs.iter().map(|crumb| crumb.message.clone()).collect::<Vec<_>>(),
        "suppressed": report.repeats,
    })
}

fn metric(sample: &Sample) -> Value {
    let labels: Map<String, Value> = sample
        .labels()
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
    let mut value = json!({ "name": sample.name(), "unit": sample.unit(), "labels": labels });
    match &sample.value {
        SampleValue::Counter(count) => value["counter"] = (*count).into(),
        SampleValue::Gauge(level) => value["gauge"] = (*level).into(),
        SampleValue::Histogram(values) => {
            value["count"] = values.count().into();
            value["sum"] = values.sum.into();
            for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
                value[name] = values.quantile(q).into();
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::span;
    use crate::pipeline::example_of_error;

    #[test]
    fn f66_an_error_that_is_not_a_failure_is_not_shown_as_one() {
        for (status, failed, outcome) in [
            (404, false, "expected"),
            (400, false, "client"),
            (500, true, "error"),
        ] {
            let root = example_of_error(status);
            let shown = span(&root, &root);
            assert_eq!(
                (&shown["failed"], &shown["outcome"]),
                (&failed.into(), &outcome.into())
            );
        }
    }
}
