//! Checks and their results.

use super::secret::Secrets;
use serde::Serialize;
use std::fmt::Write as _;

/// The result of a check.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Ok,
    /// Works, but is most likely not intended.
    Warn,
    Fail,
    /// Not checked, for the reason in `fact`.
    Skipped,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
            Self::Skipped => "skipped",
        }
    }
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Check {
    /// A backend and an aspect of it (`sentry.connect`), or a setting.
    pub(crate) name: String,
    pub(crate) verdict: Verdict,
    /// What the check observed.
    pub(crate) fact: String,
    /// What to do; empty if there is nothing to do.
    pub(crate) remedy: String,
}

/// All checks in order. Secrets are removed from their texts.
#[derive(Debug)]
pub(crate) struct Checks {
    secrets: Secrets,
    checks: Vec<Check>,
    /// Routes (`sentry`, `datadog`, `dogstatsd`, `otlp`, `files`, `tcp`) on which no data can arrive.
    unreachable: Vec<String>,
}

impl Checks {
    pub(crate) fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            checks: Vec::new(),
            unreachable: Vec::new(),
        }
    }

    fn add(&mut self, name: &str, verdict: Verdict, fact: &str, remedy: &str) {
        self.checks.push(Check {
            name: name.to_owned(),
            verdict,
            fact: self.secrets.hide(fact),
            remedy: self.secrets.hide(remedy),
        });
    }

    pub(crate) fn ok(&mut self, name: &str, fact: impl AsRef<str>) {
        self.add(name, Verdict::Ok, fact.as_ref(), "");
    }

    pub(crate) fn warn(&mut self, name: &str, fact: impl AsRef<str>, remedy: impl AsRef<str>) {
        self.add(name, Verdict::Warn, fact.as_ref(), remedy.as_ref());
    }

    pub(crate) fn fail(&mut self, name: &str, fact: impl AsRef<str>, remedy: impl AsRef<str>) {
        self.add(name, Verdict::Fail, fact.as_ref(), remedy.as_ref());
    }

    pub(crate) fn skip(&mut self, name: &str, why: impl AsRef<str>) {
        self.add(name, Verdict::Skipped, why.as_ref(), "");
    }

    /// Records that no data can arrive on this route, so its round trip is skipped.
    pub(super) fn mark_unreachable(&mut self, route: &str) {
        self.unreachable.push(route.to_owned());
    }

    pub(super) fn is_unreachable(&self, route: &str) -> bool {
        self.unreachable.iter().any(|known| known == route)
    }

    pub(crate) fn all(&self) -> &[Check] {
        &self.checks
    }

    /// Returns the number of warnings and failures.
    pub(crate) fn found(&self) -> usize {
        let found = |check: &&Check| matches!(check.verdict, Verdict::Warn | Verdict::Fail);
        self.checks.iter().filter(found).count()
    }
}

/// Returns the checks as text: the verdict, the name and the fact; below, what to do.
pub(crate) fn text(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.name.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut out = String::new();
    for check in checks {
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            "{:<8}{:<width$}  {}",
            check.verdict.word(),
            check.name,
            check.fact
        );
        if !check.remedy.is_empty() {
            let _ = writeln!(out, "{:8}{:width$}  → {}", "", "", check.remedy);
        }
    }
    out
}
