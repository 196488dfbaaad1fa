//! The result of a check.

use crate::text::escape;
use instrumental_manifest::Place;
use serde::Serialize;

/// How serious a finding is, from most to least.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// Something does not work, or breaks its users.
    Error,
    /// Something is missing.
    Warning,
    /// Something is new, and nothing breaks.
    Note,
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) severity: Severity,
    /// The kind of finding: `collision`.
    pub(super) rule: &'static str,
    pub(super) message: String,
    /// `src/signals.rs:20`.
    pub(super) source: String,
    /// The alerts that use it.
    pub(super) alerts: Vec<String>,
    #[serde(skip)]
    order: (String, u32),
}

impl Finding {
    pub(super) fn new(
        severity: Severity,
        rule: &'static str,
        place: &Place,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            rule,
            message: message.into(),
            source: place.source(),
            alerts: Vec::new(),
            order: (place.file.clone(), place.line),
        }
    }

    pub(super) fn error(rule: &'static str, place: &Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, rule, place, message)
    }

    pub(super) fn warning(rule: &'static str, place: &Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, rule, place, message)
    }

    pub(super) fn note(rule: &'static str, place: &Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, rule, place, message)
    }

    pub(super) fn used_by(mut self, alerts: Vec<String>) -> Self {
        self.alerts = alerts;
        self
    }

    /// Returns the line `src/signals.rs:20: error: .. [collision]`.
    pub(super) fn line(&self) -> String {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let mut line = format!("{}: {severity}: {}", self.source, self.message);
        if !self.alerts.is_empty() {
            line.push_str("; used by alert ");
            line.push_str(&quoted(&self.alerts));
        }
        format!("{} [{}]\n", escape(&line), self.rule)
    }
}

/// Sorts findings by severity and place.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| (a.severity, &a.order).cmp(&(b.severity, &b.order)));
}

/// Returns the texts as `` `a`, `b` ``.
pub(super) fn quoted<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<_> = texts
        .iter()
        .map(|text| format!("`{}`", text.as_ref()))
        .collect();
    texts.join(", ")
}
