//! A span that has ended, and the trace it belongs to.

use crate::collect::trace::frame;
use crate::model::fault::ErrorClass;
use crate::model::fields::{FieldValue, Fields};
use crate::model::incoming::Incoming;
use crate::model::outcome::Outcome;
use crate::model::record::{EventRecord, Report};
use crate::model::span::{Origin, SpanEnd};
use crate::model::spec::SpanKind;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A span that has ended.
///
/// ```
/// use instrumental::processor::Span;
///
/// fn is_health_check(span: &Span) -> bool {
///     span.is_root() && span.name() == "GET /health"
/// }
/// # let _: fn(&Span) -> bool = is_health_check;
/// ```
#[derive(Clone)]
pub struct FinishedSpan {
    pub(crate) origin: Origin,
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) parent: u64,
    pub(crate) start: SystemTime,
    /// The start in clock ticks, which orders the spans of a process exactly.
    pub(crate) start_ticks: u64,
    pub(crate) duration: Duration,
    pub(crate) outcome: Outcome,
    /// The label of the returned error; empty if there was none.
    pub(crate) error: &'static str,
    /// The class of the returned error.
    class: ErrorClass,
    pub(crate) fields: Option<Fields>,
    /// Bits of [`frame`].
    pub(super) flags: u8,
    /// The business events that were recorded in it.
    pub(crate) events: Vec<Arc<EventRecord>>,
    /// The error that was reported in it.
    pub(crate) report: Option<Arc<Report>>,
    /// The trace context of the request that it handles.
    pub(crate) incoming: Option<Arc<Incoming>>,
}

impl FinishedSpan {
    /// Creates a span without attachments.
    pub(crate) fn new(end: &SpanEnd, fields: Option<Fields>) -> Self {
        Self {
            origin: end.origin,
            trace: end.trace_id(),
            span: end.span,
            parent: end.parent,
            start: crate::base::clock::wall(end.start),
            start_ticks: end.start,
            duration: crate::base::clock::duration(end.start, end.end),
            outcome: end.outcome,
            error: end.error,
            class: end.class,
            fields,
            flags: end.flags,
            events: Vec::new(),
            report: None,
            incoming: None,
        }
    }

    /// Returns a copy without attachments.
    pub(crate) fn without_attachments(&self) -> Self {
        Self {
            events: Vec::new(),
            report: None,
            incoming: None,
            fields: self.fields.clone(),
            ..*self
        }
    }

    /// Returns the span name: the field `otel.name` if it is set, else the name of the function or of the `tracing` span.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.field("otel.name") {
            Some(FieldValue::Str(name)) if !name.is_empty() => name,
            _ => self.origin.name(),
        }
    }

    /// Returns the span kind: that of the annotation, or of the field `otel.kind`, which `tracing-opentelemetry` defines.
    #[must_use]
    pub fn kind(&self) -> SpanKind {
        if let Origin::Site(site) = self.origin {
            return site.spec().kind;
        }
        match self.field("otel.kind") {
            Some(FieldValue::Str(kind)) => match kind.to_ascii_lowercase().as_str() {
                "server" => SpanKind::Server,
                "client" => SpanKind::Client,
                "producer" => SpanKind::Producer,
                "consumer" => SpanKind::Consumer,
                _ => SpanKind::Internal,
            },
            _ => SpanKind::Internal,
        }
    }

    fn field(&self, name: &str) -> Option<FieldValue<'_>> {
        self.fields.as_ref()?.get(name)
    }

    /// Returns the latest value of each recorded field, without `otel.name` and `otel.kind`.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, FieldValue<'_>)> {
        let mut fields = self.fields.as_ref().map_or_else(Vec::new, Fields::latest);
        fields.retain(|(name, _)| !matches!(*name, "otel.name" | "otel.kind"));
        fields
    }

    /// Returns whether this is a local root: it has no parent, or its parent is in another process.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.is(frame::ROOT)
    }

    pub(super) fn is(&self, flag: u32) -> bool {
        u32::from(self.flags) & flag != 0
    }

    /// Returns whether the call panicked, or returned an error whose class is a failure of the service.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        match self.outcome {
            Outcome::Panicked => true,
            Outcome::Error => self.class.kind.is_failure(),
            Outcome::Ok | Outcome::Cancelled => false,
        }
    }

    /// Returns whether the call failed or was cancelled.
    pub(crate) fn is_notable(&self) -> bool {
        self.outcome == Outcome::Cancelled || self.is_failed()
    }

    /// Returns the outcome's name, or the class's name for an error that is not a failure: `expected` or `client`.
    pub(crate) fn ending(&self) -> &'static str {
        if self.outcome == Outcome::Error && !self.is_failed() {
            self.class.kind.as_str()
        } else {
            self.outcome.as_str()
        }
    }

    /// Returns the recorded HTTP status, else the one that the class of the error implies.
    pub(crate) fn http_status(&self) -> Option<u16> {
        let own = self.number("http.response.status_code");
        own.or_else(|| (self.outcome == Outcome::Error).then(|| self.class.status()))
    }

    /// Returns the recorded gRPC status code.
    pub(crate) fn grpc_code(&self) -> Option<u16> {
        self.number("rpc.grpc.status_code")
    }

    fn number(&self, name: &str) -> Option<u16> {
        match self.field(name)? {
            FieldValue::U64(number) => u16::try_from(number).ok(),
            FieldValue::I64(number) => u16::try_from(number).ok(),
            _ => None,
        }
    }

    /// Returns whether the call took longer than the limit that its annotation sets with `slow`.
    pub(crate) fn is_slow(&self) -> bool {
        let Origin::Site(site) = self.origin else {
            return false;
        };
        let limit = site.spec().slow_nanos;
        limit > 0 && self.duration > Duration::from_nanos(limit)
    }

    /// Returns the approximate size in memory, in bytes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.fields.as_ref().map_or(0, Fields::size)
    }
}

/// Why a trace is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SamplingReason {
    /// It was sampled at its start.
    Sampled,
    /// It was sampled out, and failed.
    Failed,
    /// It was sampled out, and a call exceeded its `slow` limit.
    Slow,
}

/// Spans of one trace that are exported together.
pub(crate) struct Trace {
    pub(crate) id: u128,
    pub(crate) kept: SamplingReason,
    /// The spans, in the order of their ends.
    pub(crate) spans: Vec<FinishedSpan>,
}

impl Trace {
    /// Returns the local root, if it has ended. If the process called itself, the trace has several local roots; this
    /// returns one whose parent is not in the trace.
    pub(crate) fn root(&self) -> Option<&FinishedSpan> {
        let roots = || self.spans.iter().rev().filter(|span| span.is_root());
        let is_here = |span: u64| self.spans.iter().any(|other| other.span == span);
        let first = roots().find(|root| !is_here(root.parent));
        first.or_else(|| roots().next())
    }
}

/// Creates a span for tests, with the name `pay` and a duration of one tick. It is a local root if it has no parent or
/// `is_root` is set.
#[cfg(test)]
pub(crate) fn example(
    trace: u128,
    span: u64,
    parent: u64,
    outcome: Outcome,
    is_root: bool,
) -> FinishedSpan {
    let end = SpanEnd {
        origin: Origin::Site(crate::__site!("pay", [], { flags: 1u32 })),
        trace: crate::model::ids::split(trace),
        span,
        parent,
        start: span,
        end: span + 1,
        outcome,
        error: if outcome == Outcome::Error {
            "Refused"
        } else {
            ""
        },
        class: ErrorClass::UNCLASSIFIED,
        flags: if parent == 0 || is_root {
            frame::ROOT as u8
        } else {
            0
        },
    };
    FinishedSpan::new(&end, None)
}

/// Creates a span for tests that returned an error with this HTTP status.
#[cfg(test)]
pub(crate) fn example_of_error(status: u16) -> FinishedSpan {
    FinishedSpan {
        class: ErrorClass::of_http(status),
        ..example(7, 1, 0, Outcome::Error, true)
    }
}
