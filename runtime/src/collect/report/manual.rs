//! Reports made with [`capture_error`] and [`capture_message`].

use crate::base::reentry;
use crate::collect::dropped;
use crate::collect::report::text::{sources, text};
use crate::collect::report::{blank, has_receiver, submit};
use crate::collect::request::{MAX_TAGS, tag_key};
use crate::collect::trace::context;
use crate::model::drop_reason::DropReason;
use crate::model::fault::FaultValue;
use crate::model::level::Level;
use crate::model::record::{Report, ReportKind};
use std::error::Error;
use std::fmt::Display;

/// The report of an error, which is sent when it is dropped. Returned by [`capture_error`].
///
/// ```
/// let error = std::io::Error::other("disk full");
/// instrumental::capture_error(&error).with("path", "/var/data").with("attempt", 3).send();
/// ```
#[must_use = "the report is sent when this is dropped; add context with `.with(..)`"]
pub struct ErrorReport(Option<Report>);

impl ErrorReport {
    /// Adds a value as context. A report has at most 50 values, each truncated to 8 KiB; further ones are counted as dropped.
    pub fn with(mut self, key: &str, value: impl Display) -> Self {
        if let Some(report) = &mut self.0
            && let Some(_record) = reentry::record()
        {
            if report.extra.len() < MAX_TAGS {
                let value = text(format_args!("{value}"));
                report.extra.push((tag_key(key), value));
            } else {
                dropped::count(DropReason::TagLimit);
            }
        }
        self
    }

    /// Sends the report now.
    pub fn send(self) {}
}

impl Drop for ErrorReport {
    fn drop(&mut self) {
        if let Some(report) = self.0.take()
            && let Some(_record) = reentry::record()
        {
            submit(report);
        }
    }
}

impl std::fmt::Debug for ErrorReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ErrorReport").finish_non_exhaustive()
    }
}

/// Reports an error that is handled, and so not returned by an annotated function. Unlike returned errors, it is not
/// throttled. Without a receiver (`init()`, a `tracing` subscriber, or a capturing test) the report is dropped and counted.
///
/// ```
/// let error = std::io::Error::other("disk full");
/// instrumental::capture_error(&error).with("bid_id", 42).send();
/// ```
pub fn capture_error<E: Error + ?Sized>(error: &E) -> ErrorReport {
    if !has_receiver() {
        return ErrorReport(None);
    }
    let Some(_record) = reentry::record() else {
        return ErrorReport(None);
    };
    let full = super::kind::type_name_of(error);
    let shown: std::sync::Arc<str> = text(format_args!("{error}"));
    let chain = sources(error);
    super::captured::reported(None, FaultValue::Error(&error), &shown, &chain);
    ErrorReport(Some(Report {
        label: crate::model::names::short(full),
        type_name: full,
        text: shown,
        chain,
        ..blank(ReportKind::Manual, Level::Error)
    }))
}

/// Reports a message, truncated to 8 KiB.
///
/// ```
/// use instrumental::{Level, capture_message};
/// capture_message("Bid acceptance initiated", Level::Info);
/// ```
pub fn capture_message(message: impl Display, level: Level) {
    if !has_receiver() {
        return;
    }
    let Some(_record) = reentry::record() else {
        return;
    };
    submit(Report {
        text: text(format_args!("{message}")),
        site: context::top_site(),
        ..blank(ReportKind::Message, level)
    });
}
