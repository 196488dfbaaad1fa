//! Conversion of traces to Sentry transactions.

use super::event::{contexts, span_id, trace_id, user, value};
use super::options::SentryConfig;
use super::trim;
use crate::model::outcome::Outcome;
use crate::model::spec::SpanKind;
use crate::pipeline::FinishedSpan;
use sentry::protocol::{Context, Map, Span, SpanStatus, TraceContext, Transaction, Value};
use std::borrow::Cow;

/// Spans of a transaction; Sentry accepts no more.
pub(super) const MAX_SPANS: usize = 1000;
const MAX_DATA: usize = 8 << 10;

/// Returns the transaction of a local root and the spans below it.
pub(super) fn of(
    root: &FinishedSpan,
    others: &[&FinishedSpan],
    config: &SentryConfig,
) -> Transaction<'static> {
    let trace = TraceContext {
        trace_id: trace_id(root.trace),
        span_id: span_id(root.span),
        parent_span_id: parent(root),
        op: Some(op(root).to_owned()),
        status: Some(status(root)),
        origin: Some("auto.function.instrumental".into()),
        data: data(root),
        ..TraceContext::default()
    };
    let mut contexts = contexts();
    contexts.insert("trace".into(), Context::Trace(Box::new(trace)));
    let mut tags = Map::new();
    for (key, text) in &config.identity.attributes {
        tags.insert(key.clone(), text.clone());
    }
    let mut transaction = Transaction::new();
    transaction.name = Some(root.name().to_owned());
    transaction.release = Some(Cow::Owned(config.release.clone()));
    transaction.environment = Some(Cow::Owned(config.identity.environment.clone()));
    transaction.platform = "native".into();
    transaction.sdk = Some(Cow::Owned(super::sdk::sdk()));
    transaction.start_timestamp = root.start;
    transaction.timestamp = Some(root.start + root.duration);
    transaction.contexts = contexts;
    transaction.tags = trim::tags(tags);
    transaction.user = root
        .report
        .as_ref()
        .and_then(|report| report.user.as_ref())
        .map(user);
    if !config.identity.host.is_empty() {
        transaction.server_name = Some(Cow::Owned(config.identity.host.clone()));
    }
    transaction.spans = others
        .iter()
        .take(MAX_SPANS)
        .map(|other| span(other))
        .collect();
    transaction
}

fn parent(span: &FinishedSpan) -> Option<sentry::protocol::SpanId> {
    (span.parent != 0).then(|| span_id(span.parent))
}

fn span(span: &FinishedSpan) -> Span {
    Span {
        span_id: span_id(span.span),
        trace_id: trace_id(span.trace),
        parent_span_id: parent(span),
        op: Some(op(span).to_owned()),
        description: Some(description(span)),
        start_timestamp: span.start,
        timestamp: Some(span.start + span.duration),
        status: Some(status(span)),
        data: data(span),
        ..Span::default()
    }
}

/// Returns the span's description: the text of a query, or else the span's name.
fn description(span: &FinishedSpan) -> String {
    let fields = span.fields.as_ref();
    let query = fields.and_then(|f| f.get("db.query.text").or_else(|| f.get("db.statement")));
    let mut text = query.map_or_else(|| span.name().to_owned(), |query| query.to_string());
    trim::text(&mut text, 2048);
    text
}

/// Returns the operation, by Sentry's naming conventions ("Span Operations").
fn op(span: &FinishedSpan) -> &'static str {
    let has = |name: &str| {
        span.fields
            .as_ref()
            .is_some_and(|fields| fields.get(name).is_some())
    };
    match span.kind() {
        SpanKind::Server if has("rpc.system") => "grpc.server",
        SpanKind::Server => "http.server",
        SpanKind::Client if has("db.system") || has("db.system.name") => "db",
        SpanKind::Client if has("http.request.method") => "http.client",
        SpanKind::Client => "client",
        SpanKind::Producer => "queue.publish",
        SpanKind::Consumer => "queue.process",
        SpanKind::Internal if has("db.statement") || has("db.query.text") => "db",
        SpanKind::Internal => "function",
    }
}

fn status(span: &FinishedSpan) -> SpanStatus {
    if let Some(status) = span.grpc_code().and_then(of_grpc) {
        return status;
    }
    match (span.outcome, span.http_status()) {
        (Outcome::Cancelled, _) => SpanStatus::Cancelled,
        (Outcome::Panicked, _) => SpanStatus::InternalError,
        (Outcome::Ok | Outcome::Error, Some(status)) => of_http(status),
        (Outcome::Ok | Outcome::Error, None) => SpanStatus::Ok,
    }
}

/// Returns the status of a gRPC code; Sentry's statuses are those of gRPC.
fn of_grpc(code: u16) -> Option<SpanStatus> {
    Some(match code {
        0 => SpanStatus::Ok,
        1 => SpanStatus::Cancelled,
        2 => SpanStatus::UnknownError,
        3 => SpanStatus::InvalidArgument,
        4 => SpanStatus::DeadlineExceeded,
        5 => SpanStatus::NotFound,
        6 => SpanStatus::AlreadyExists,
        7 => SpanStatus::PermissionDenied,
        8 => SpanStatus::ResourceExhausted,
        9 => SpanStatus::FailedPrecondition,
        10 => SpanStatus::Aborted,
        11 => SpanStatus::OutOfRange,
        12 => SpanStatus::Unimplemented,
        13 => SpanStatus::InternalError,
        14 => SpanStatus::Unavailable,
        15 => SpanStatus::DataLoss,
        16 => SpanStatus::Unauthenticated,
        _ => return None,
    })
}

/// Returns the status of an HTTP status code, by the mapping of Sentry's SDKs.
fn of_http(status: u16) -> SpanStatus {
    match status {
        0..400 => SpanStatus::Ok,
        401 => SpanStatus::Unauthenticated,
        403 => SpanStatus::PermissionDenied,
        404 | 410 => SpanStatus::NotFound,
        409 => SpanStatus::AlreadyExists,
        413 => SpanStatus::FailedPrecondition,
        429 => SpanStatus::ResourceExhausted,
        499 => SpanStatus::Cancelled,
        400..500 => SpanStatus::InvalidArgument,
        501 => SpanStatus::Unimplemented,
        503 => SpanStatus::Unavailable,
        504 => SpanStatus::DeadlineExceeded,
        500.. => SpanStatus::InternalError,
    }
}

fn data(span: &FinishedSpan) -> Map<String, Value> {
    let attributes = span.attributes().into_iter();
    let mut data: Map<String, Value> = attributes
        .map(|(name, field)| (name.to_owned(), value(field)))
        .collect();
    if !span.error.is_empty() {
        let key = if span.is_failed() {
            "error.type"
        } else {
            "function.error"
        };
        data.insert(key.into(), span.error.into());
    }
    for event in &span.events {
        data.insert(format!("event.{}", event.site.spec().name), true.into());
    }
    trim::values(&mut data, MAX_DATA, MAX_DATA);
    data
}

#[cfg(test)]
mod tests {
    use super::{SpanStatus, span, status};
    use crate::model::outcome::Outcome;
    use crate::pipeline::{example, example_of_error};

    #[test]
    fn f66_the_status_follows_the_class_of_the_error() {
        for (http, expected) in [
            (400, SpanStatus::InvalidArgument),
            (401, SpanStatus::Unauthenticated),
            (404, SpanStatus::NotFound),
            (409, SpanStatus::AlreadyExists),
            (429, SpanStatus::ResourceExhausted),
            (500, SpanStatus::InternalError),
            (503, SpanStatus::Unavailable),
        ] {
            assert_eq!(status(&example_of_error(http)), expected, "{http}");
        }
        let of = |outcome| status(&example(7, 1, 0, outcome, true));
        assert_eq!(of(Outcome::Ok), SpanStatus::Ok);
        // Without a class, an error is an internal one.
        assert_eq!(of(Outcome::Error), SpanStatus::InternalError);
        assert_eq!(of(Outcome::Panicked), SpanStatus::InternalError);
        assert_eq!(of(Outcome::Cancelled), SpanStatus::Cancelled);
    }

    #[test]
    fn f66_an_expected_error_is_not_an_error_type() {
        let keys = |status| span(&example_of_error(status)).data;
        assert!(keys(404).contains_key("function.error") && !keys(404).contains_key("error.type"));
        assert!(keys(500).contains_key("error.type"));
    }
}
