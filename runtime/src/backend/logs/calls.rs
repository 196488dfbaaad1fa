//! Beginning and end of annotated calls as lines of their own, where somebody asks for them.

use crate::collect::filter::SharedFilter;
use crate::model::fields::Fields;
use crate::model::span::Origin;
use crate::pipeline::{FinishedSpan, Trace};
use std::time::SystemTime;

/// One end of a call.
pub(super) struct Call<'a> {
    pub(super) span: &'a FinishedSpan,
    pub(super) target: &'static str,
    pub(super) time: SystemTime,
    /// It ended; else it began.
    pub(super) ended: bool,
    /// Only where its fields are asked for, too.
    pub(super) fields: Option<&'a Fields>,
}

impl Call<'_> {
    pub(super) fn level(&self) -> tracing::Level {
        if self.fields.is_some() {
            tracing::Level::TRACE
        } else {
            tracing::Level::DEBUG
        }
    }
}

/// Both ends of every call that the filter lets through, in the order they happened.
pub(super) fn of<'a>(trace: &'a Trace, filter: &SharedFilter) -> Vec<Call<'a>> {
    let mut calls = Vec::new();
    for span in &trace.spans {
        let Origin::Site(site) = span.origin else {
            continue;
        };
        let target = site.metadata().target();
        if !filter.would_enable(target, &tracing::Level::DEBUG) {
            continue;
        }
        let all = filter.would_enable(target, &tracing::Level::TRACE);
        let fields = span.fields.as_ref().filter(|_| all);
        for ended in [false, true] {
            calls.push(Call {
                span,
                target,
                time: if ended {
                    span.start + span.duration
                } else {
                    span.start
                },
                ended,
                fields,
            });
        }
    }
    calls.sort_by_key(|call| call.time);
    calls
}
