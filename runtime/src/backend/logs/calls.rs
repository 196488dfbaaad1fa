//! The beginning and the end of annotated calls as records of their own, if the filter enables them.

use crate::collect::filter::SharedFilter;
use crate::model::fields::Fields;
use crate::model::span::Origin;
use crate::pipeline::{FinishedSpan, Trace};
use std::time::SystemTime;

/// The beginning or the end of a call.
pub(super) struct Call<'a> {
    pub(super) span: &'a FinishedSpan,
    pub(super) target: &'static str,
    pub(super) time: SystemTime,
    /// Whether this is the end of the call.
    pub(super) ended: bool,
    /// The fields of the call, if the filter enables TRACE.
    pub(super) fields: Option<&'a Fields>,
}

impl Call<'_> {
    /// Returns TRACE for a call with its fields, and DEBUG for one without.
    pub(super) fn level(&self) -> tracing::Level {
        if self.fields.is_some() {
            tracing::Level::TRACE
        } else {
            tracing::Level::DEBUG
        }
    }
}

/// Returns the beginnings and ends of all calls that the filter enables, in chronological order.
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
        let with_fields = filter.would_enable(target, &tracing::Level::TRACE);
        let fields = span.fields.as_ref().filter(|_| with_fields);
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
