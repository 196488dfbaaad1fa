//! Converts spans to OTLP.

use super::value::{field, int, nanos, text};
use crate::model::outcome::Outcome;
use crate::model::record::{EventRecord, Report};
use crate::model::span::Origin;
use crate::model::spec::SpanKind;
use crate::pipeline::FinishedSpan;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{Span, Status};

/// `SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK`: the flag [`IS_REMOTE`] is valid.
const HAS_IS_REMOTE: u32 = 0x100;
/// `SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK`: the parent is in another process.
const IS_REMOTE: u32 = 0x200;
/// The flag `sampled` of W3C Trace Context.
const SAMPLED: u32 = 1;

/// Returns the OTLP span of a span.
pub(super) fn of(span: &FinishedSpan) -> Span {
    let remote = span.is_root() && span.parent != 0;
    let incoming = span.incoming.as_deref();
    Span {
        trace_id: span.trace.to_be_bytes().to_vec(),
        span_id: span.span.to_be_bytes().to_vec(),
        trace_state: incoming.map_or_else(String::new, |incoming| incoming.tracestate.clone()),
        parent_span_id: match span.parent {
            0 => Vec::new(),
            parent => parent.to_be_bytes().to_vec(),
        },
        flags: SAMPLED | HAS_IS_REMOTE | if remote { IS_REMOTE } else { 0 },
        name: span.name().to_owned(),
        kind: kind(span.kind()),
        start_time_unix_nano: nanos(span.start),
        end_time_unix_nano: nanos(span.start + span.duration),
        attributes: attributes(span),
        events: events(span),
        links: incoming.map_or_else(Vec::new, |incoming| {
            incoming.links.iter().map(link).collect()
        }),
        status: status(span),
        ..Span::default()
    }
}

fn kind(kind: SpanKind) -> i32 {
    use opentelemetry_proto::tonic::trace::v1::span::SpanKind as Proto;
    let kind = match kind {
        SpanKind::Internal => Proto::Internal,
        SpanKind::Server => Proto::Server,
        SpanKind::Client => Proto::Client,
        SpanKind::Producer => Proto::Producer,
        SpanKind::Consumer => Proto::Consumer,
    };
    kind as i32
}

fn attributes(span: &FinishedSpan) -> Vec<KeyValue> {
    let fields = span.attributes();
    let mut attributes: Vec<_> = fields
        .iter()
        .map(|(name, value)| field(name, *value))
        .collect();
    match span.origin {
        Origin::Site(site) => {
            let spec = site.spec();
            attributes.push(text("code.function.name", code_name(site)));
            attributes.push(text("code.file.path", spec.file));
            attributes.push(int("code.line.number", i64::from(spec.line)));
        }
        Origin::Foreign(metadata) => attributes.push(text("code.namespace", metadata.target())),
    }
    let has_type = fields.iter().any(|(name, _)| *name == "error.type");
    if span.is_failed() && !span.error.is_empty() && !has_type {
        attributes.push(text("error.type", span.error));
    }
    // The semantic conventions reserve `error.type` for failures, so other outcomes get attributes of our own.
    if !span.is_failed() && span.outcome != Outcome::Ok {
        attributes.push(text("function.outcome", span.ending()));
        if !span.error.is_empty() {
            attributes.push(text("function.error", span.error));
        }
    }
    attributes
}

fn code_name(site: &crate::model::site::Site) -> String {
    format!("{}::{}", site.spec().module, site.function())
}

/// Returns the status. It is unset unless the call failed (semantic conventions, "Recording errors"): cancelled calls,
/// expected errors and client errors are not failures.
fn status(span: &FinishedSpan) -> Option<Status> {
    use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
    if !span.is_failed() {
        return None;
    }
    let report = span.report.as_deref();
    Some(Status {
        message: report.map_or_else(String::new, |report| report.text.to_string()),
        code: StatusCode::Error as i32,
    })
}

fn events(span: &FinishedSpan) -> Vec<Event> {
    let business = span.events.iter().map(|event| business_event(event));
    let exception = span.report.iter().map(|report| exception(report));
    business.chain(exception).collect()
}

fn business_event(event: &EventRecord) -> Event {
    let fields = event.fields.latest();
    Event {
        time_unix_nano: nanos(event.time),
        name: event.site.spec().name.to_owned(),
        attributes: fields.into_iter().map(|(k, v)| field(k, v)).collect(),
        ..Event::default()
    }
}

fn exception(report: &Report) -> Event {
    Event {
        time_unix_nano: nanos(report.time),
        name: "exception".into(),
        attributes: exception_attributes(report),
        ..Event::default()
    }
}

/// Returns the `exception.*` attributes of the semantic conventions.
pub(super) fn exception_attributes(report: &Report) -> Vec<KeyValue> {
    let type_name = match report.type_name {
        "" => report.label,
        name => name,
    };
    let mut attributes = vec![
        text("exception.type", type_name),
        text("exception.message", &*report.text),
    ];
    let stack = report.logical_stack();
    if !stack.is_empty() {
        attributes.push(text("exception.stacktrace", stack));
    }
    attributes
}

fn link((trace, span): &(u128, u64)) -> Link {
    Link {
        trace_id: trace.to_be_bytes().to_vec(),
        span_id: span.to_be_bytes().to_vec(),
        ..Link::default()
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::pipeline::example_of_error;

    #[test]
    fn f66_an_error_that_is_not_a_failure_leaves_the_status_unset() {
        for (status, failed) in [(404, false), (409, false), (500, true), (503, true)] {
            let span = of(&example_of_error(status));
            assert_eq!(span.status.is_some(), failed, "{status}");
            let has = |key: &str| span.attributes.iter().any(|a| a.key == key);
            assert_eq!(has("error.type"), failed, "{status}");
            assert_eq!(has("function.error"), !failed, "{status}");
        }
    }
}
