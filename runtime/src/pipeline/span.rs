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
#[derive(Clone)]
pub struct FinishedSpan {
    pub(crate) origin: Origin,
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) parent: u64,
    pub(crate) start: SystemTime,
    /// Orders spans of one process exactly.
    pub(crate) start_ticks: u64,
    pub(crate) duration: Duration,
    pub(crate) outcome: Outcome,
    /// The error's label; empty: no error.
    pub(crate) error: &'static str,
    /// What the error means.
    class: ErrorClass,
    pub(crate) fields: Option<Fields>,
    /// Bits of [`frame`].
    pub(super) flags: u8,
    /// Business events that happened in it.
    pub(crate) events: Vec<Arc<EventRecord>>,
    /// The error that was reported by it.
    pub(crate) report: Option<Arc<Report>>,
    /// What its request brought along.
    pub(crate) incoming: Option<Arc<Incoming>>,
}

impl FinishedSpan {
    /// What ended, without what happened in it.
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

    /// The same without what happened in it.
    pub(crate) fn without_notes(&self) -> Self {
        Self {
            events: Vec::new(),
            report: None,
            incoming: None,
            fields: self.fields.clone(),
            ..*self
        }
    }

    /// What it is called: the field `otel.name` where there is one, else the function or the `tracing` span.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.field("otel.name") {
            Some(FieldValue::Str(name)) if !name.is_empty() => name,
            _ => self.origin.name(),
        }
    }

    /// Its kind: of the annotation, or of the field `otel.kind`, as `tracing-opentelemetry` spells it.
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

    /// Its recorded fields, each once, without those that name the span.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, FieldValue<'_>)> {
        let mut fields = self.fields.as_ref().map_or_else(Vec::new, Fields::latest);
        fields.retain(|(name, _)| !matches!(*name, "otel.name" | "otel.kind"));
        fields
    }

    /// Whether its trace begins with it, or comes from another process to it.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.is(frame::ROOT)
    }

    pub(super) fn is(&self, flag: u32) -> bool {
        u32::from(self.flags) & flag != 0
    }

    /// Whether it panicked, or returned an error that is a failure of the service, by its class.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        match self.outcome {
            Outcome::Panicked => true,
            Outcome::Error => self.class.kind.is_failure(),
            Outcome::Ok | Outcome::Cancelled => false,
        }
    }

    /// Whether it ended as it should not: it failed, or was cancelled.
    pub(crate) fn is_notable(&self) -> bool {
        self.outcome == Outcome::Cancelled || self.is_failed()
    }

    /// How it ended: of an error that is no failure its class, `expected` or `client`.
    pub(crate) fn ending(&self) -> &'static str {
        if self.outcome == Outcome::Error && !self.is_failed() {
            self.class.kind.as_str()
        } else {
            self.outcome.as_str()
        }
    }

    /// The status of HTTP that it answers with, or would: its own, else by the class of its error.
    pub(crate) fn http_status(&self) -> Option<u16> {
        let own = self.number("http.response.status_code");
        own.or_else(|| (self.outcome == Outcome::Error).then(|| self.class.status()))
    }

    /// The code that a call of gRPC was answered with.
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

    /// Whether it took longer than it may.
    pub(crate) fn is_slow(&self) -> bool {
        let Origin::Site(site) = self.origin else {
            return false;
        };
        let limit = site.spec().slow_nanos;
        limit > 0 && self.duration > Duration::from_nanos(limit)
    }

    /// Roughly the memory it takes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.fields.as_ref().map_or(0, Fields::size)
    }
}

/// Why a trace is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SamplingReason {
    /// It was sampled where it began.
    Sampled,
    /// It was sampled out, and failed.
    Failed,
    /// It was sampled out, and something took longer than it may.
    Slow,
}

/// Spans of one trace that are handed on together.
pub(crate) struct Trace {
    pub(crate) id: u128,
    pub(crate) kept: SamplingReason,
    /// In the order they ended.
    pub(crate) spans: Vec<FinishedSpan>,
}

impl Trace {
    /// The span with which it begins in this process, where that has ended. A process that calls itself has several: it is
    /// the one that none of the others led to.
    pub(crate) fn root(&self) -> Option<&FinishedSpan> {
        let roots = || self.spans.iter().rev().filter(|span| span.is_root());
        let is_here = |span: u64| self.spans.iter().any(|other| other.span == span);
        let first = roots().find(|root| !is_here(root.parent));
        first.or_else(|| roots().next())
    }
}

/// A span for tests: called `pay`, of one tick; a local root where it has no parent or `is_root` says so.
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

/// A span for tests that returned an error of this status.
#[cfg(test)]
pub(crate) fn example_of_error(status: u16) -> FinishedSpan {
    FinishedSpan {
        class: ErrorClass::of_http(status),
        ..example(7, 1, 0, Outcome::Error, true)
    }
}
