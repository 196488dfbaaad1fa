//! Reports by hand.

use super::text::{sources, text};
use super::{blank, is_heard, submit};
use crate::model::fault::FaultValue;
use crate::model::scope::Level;
use crate::tap::{Report, ReportKind};
use crate::trace::context;
use std::error::Error;
use std::fmt::Display;

/// A report that is sent when it is dropped. See [`capture_error`].
#[must_use = "the report is sent when this is dropped; add what is known with `.with(..)`"]
pub struct ErrorReport(Option<Report>);

impl ErrorReport {
    /// Adds what is known of the circumstances.
    pub fn with(mut self, key: &str, value: impl Display) -> Self {
        if let Some(report) = &mut self.0 {
            let value = text(format_args!("{value}"));
            report.extra.push((key.to_owned(), value));
        }
        self
    }

    /// Sends it now.
    pub fn send(self) {}
}

impl Drop for ErrorReport {
    fn drop(&mut self) {
        if let Some(report) = self.0.take() {
            submit(report);
        }
    }
}

impl std::fmt::Debug for ErrorReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ErrorReport").finish_non_exhaustive()
    }
}

/// Reports an error that no annotated function returns.
///
/// ```
/// let error = std::io::Error::other("disk full");
/// instrumental::capture_error(&error).with("bid_id", 42).send();
/// ```
pub fn capture_error<E: Error + ?Sized>(error: &E) -> ErrorReport {
    if !is_heard() {
        return ErrorReport(None);
    }
    let full = super::kind::named(error);
    let shown: std::sync::Arc<str> = text(format_args!("{error}"));
    let chain = sources(error);
    super::told::reported(None, FaultValue::Error(&error), &shown, &chain);
    ErrorReport(Some(Report {
        label: crate::model::names::short(full),
        type_name: full,
        text: shown,
        chain,
        ..blank(ReportKind::Manual, Level::Error)
    }))
}

/// Reports a message.
///
/// ```
/// use instrumental::{Level, capture_message};
/// capture_message("Bid acceptance initiated", Level::Info);
/// ```
pub fn capture_message(message: impl Into<String>, level: Level) {
    if !is_heard() {
        return;
    }
    let message = message.into();
    submit(Report {
        text: text(format_args!("{message}")),
        site: context::top_site(),
        ..blank(ReportKind::Message, level)
    });
}
