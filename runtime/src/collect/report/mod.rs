//! Errors, messages and slow calls: decided here in a few nanoseconds, built into reports only when one is due.

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

/// An annotated call returned an error. Says whether it has been reported, here or further in.
///
/// `values` are those it read, where its span does not have them; `end` is when it ended.
pub(crate) fn returned(
    site: &'static Site,
    fault: &Fault<'_>,
    values: Option<&Fields>,
    end: u64,
) -> bool {
    let known = context::just_reported();
    if known {
        captured::handed_on(fault.value);
        return true;
    }
    if !site.has(flag::CAPTURE) {
        return false;
    }
    // What is ignored here may be converted further out into an error that is not.
    let due = fault.reported && fault.class.is_reported();
    if due {
        report(site, fault, values, end);
    }
    due
}

fn report(site: &'static Site, fault: &Fault<'_>, values: Option<&Fields>, end: u64) {
    let Some(repeats) = throttle::admit(site, fault.label, end) else {
        captured::over_limit();
        return dropped::count(DropReason::ReportThrottled);
    };
    let Some(_record) = crate::base::reentry::record() else {
        return;
    };
    let (text, chain) = describe(fault.value);
    captured::reported(Some((site, fault.label)), fault.value, &text, &chain);
    // Its call has awaited something since it was reported: told by its text.
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

/// An annotated call took longer than its limit.
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

/// A report of what is known here and now.
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

/// Whether anybody takes a report; nothing is written into one that nobody does.
fn is_heard() -> bool {
    let heard = capture::listening().is_some()
        || record_queue::is_open()
        || crate::collect::facade::spans::is_present();
    if !heard {
        dropped::count(DropReason::NobodyListens);
    }
    heard
}

/// Sends a report; to the application's subscriber where there is nobody else.
fn submit(report: Report) {
    if let Some(Record::Report(report)) = record_queue::send(Record::Report(Arc::new(report))) {
        facade(&report);
    }
}

fn facade(report: &Report) {
    if !crate::collect::facade::spans::is_present() {
        return dropped::count(DropReason::NobodyListens);
    }
    let function = report.site.map_or("", |site| site.function());
    let (text, label) = (&*report.text, report.label);
    match report.level {
        // The panic's own message is on the standard error.
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
