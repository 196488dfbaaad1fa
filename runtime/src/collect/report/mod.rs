//! Reports of errors, messages and slow calls. Whether a report is due is decided in a few nanoseconds, and only then it is
//! built.

#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod captured;
pub(crate) mod kind;
mod manual;
#[allow(dead_code, reason = "only backends use all of it")]
pub(crate) mod panics;
mod text;
pub(crate) mod throttle;

use crate::base::clock;
use crate::collect::trace::context;
use crate::collect::{capture, dropped, record_queue};
use crate::model::drop_reason::DropReason;
use crate::model::fault::{ErrorKind, Fault};
use crate::model::fields::{FieldValue, Fields};
use crate::model::level::Level;
use crate::model::record::{Record, Report, ReportKind};
use crate::model::site::Site;
use crate::model::spec::flag;
pub use manual::{ErrorReport, capture_error, capture_message};
use std::sync::Arc;
use text::describe;

/// Reports the error that an annotated call returned, if that is due. Returns whether the error has been reported, by this
/// call or by an inner one.
///
/// `values` are those read by `on_failure(..)` that the span does not record; `end` is the tick at which the call ended.
pub(crate) fn returned(
    site: &'static Site,
    fault: &Fault<'_>,
    values: Option<&Fields>,
    end: u64,
) -> bool {
    let known = context::just_reported();
    if known {
        captured::propagated(fault.value);
        return true;
    }
    if !site.has(flag::CAPTURE) {
        return false;
    }
    // An error that is not reported here may be converted by an outer call into one that is.
    let due = fault.reported && fault.class.is_reported();
    if due {
        report(site, fault, values, end);
    }
    due
}

fn report(site: &'static Site, fault: &Fault<'_>, values: Option<&Fields>, end: u64) {
    let Some(repeats) = throttle::admit(site, fault.label, end) else {
        captured::throttled();
        return dropped::count(DropReason::ReportThrottled);
    };
    let Some(_record) = crate::base::reentry::record() else {
        return;
    };
    let (text, chain) = describe(fault.value);
    captured::reported(Some((site, fault.label)), fault.value, &text, &chain);
    // An inner call may have reported the error before the task was suspended. It is recognised by its text.
    if !crate::collect::trace::scope::first_report_of(&text, &chain) {
        return;
    }
    let level = match fault.class.kind {
        ErrorKind::Fatal => Level::Fatal,
        ErrorKind::Retry => Level::Warning,
        _ => Level::Error,
    };
    submit(Report {
        site: Some(site),
        label: fault.label,
        type_name: fault.type_name,
        text,
        chain,
        extra: extra(values),
        repeats,
        ..blank(ReportKind::Error, level)
    });
}

/// Reports an annotated call that took longer than its limit.
pub(crate) fn slow(site: &'static Site, seconds: f64, limit: f64, values: Option<&Fields>) {
    let Some(repeats) = throttle::admit(site, "slow", clock::now()) else {
        return dropped::count(DropReason::ReportThrottled);
    };
    let Some(_record) = crate::base::reentry::record() else {
        return;
    };
    submit(Report {
        site: Some(site),
        label: "slow",
        text: format!("took {seconds:.3} s, over its limit of {limit} s").into(),
        extra: extra(values),
        repeats,
        ..blank(ReportKind::Slow, Level::Warning)
    });
}

fn extra(values: Option<&Fields>) -> Vec<(String, String)> {
    let pair = |(name, value): (&str, FieldValue<'_>)| (name.to_owned(), value.to_string());
    values.map_or_else(Vec::new, |values| values.iter().map(pair).collect())
}

/// Creates a report with the context of this thread.
fn blank(kind: ReportKind, level: Level) -> Report {
    let scope = crate::collect::trace::scope::scope();
    Report {
        kind,
        level,
        time: crate::base::host::time_of_day(),
        place: context::place(),
        site: context::top_site(),
        label: "",
        type_name: "",
        text: Arc::default(),
        chain: Vec::new(),
        stack: context::sites(),
        user: scope.as_ref().and_then(|scope| scope.user.clone()),
        tags: scope
            .as_ref()
            .map_or_else(Vec::new, |scope| scope.tags.clone()),
        breadcrumbs: scope.as_ref().map_or_else(Vec::new, |scope| {
            scope.breadcrumbs.iter().cloned().collect()
        }),
        extra: Vec::new(),
        around: None,
        repeats: 0,
        backtrace: None,
    }
}

/// Returns whether there is a receiver for reports; without one, a report is not built, but counted as dropped.
fn has_receiver() -> bool {
    let present = capture::listening().is_some()
        || record_queue::is_open()
        || crate::collect::facade::spans::is_present();
    if !present {
        dropped::count(DropReason::NoReceiver);
    }
    present
}

/// Sends a report to the capturing test or the pipeline, or else to the application's subscriber.
fn submit(report: Report) {
    if let Some(Record::Report(report)) = record_queue::send(Record::Report(Arc::new(report))) {
        facade(&report);
    }
}

fn facade(report: &Report) {
    if !crate::collect::facade::spans::is_present() {
        return dropped::count(DropReason::NoReceiver);
    }
    let function = report.site.map_or("", |site| site.function());
    let (text, label) = (&*report.text, report.label);
    match report.level {
        // The panic hook has written the message to standard error.
        _ if report.kind == ReportKind::Panic => {}
        Level::Error | Level::Fatal => {
            tracing::error!(target: "instrumental", function, error.r#type = label, "{text}");
        }
        Level::Warning => {
            tracing::warn!(target: "instrumental", function, error.r#type = label, "{text}")
        }
        Level::Info => tracing::info!(target: "instrumental", function, "{text}"),
        Level::Debug => tracing::debug!(target: "instrumental", function, "{text}"),
    }
}
