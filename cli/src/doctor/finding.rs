//! What was looked at, and what came of it.

use super::secret::Secrets;
use serde::Serialize;
use std::fmt::Write as _;

/// What a check came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Ok,
    /// Works, and is most likely not what is wanted.
    Warn,
    Fail,
    /// Not looked at; the fact says why.
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
    /// `sentry.connect`: a backend and what of it, or a setting.
    pub(crate) name: String,
    pub(crate) verdict: Verdict,
    /// What was seen.
    pub(crate) fact: String,
    /// What to do; empty where there is nothing to be done.
    pub(crate) remedy: String,
}

/// All checks, in the order they were made. Nothing secret gets in.
#[derive(Debug)]
pub(crate) struct Checks {
    secrets: Secrets,
    checks: Vec<Check>,
    /// Ways (`sentry`, `datadog`, `dogstatsd`, `otlp`, `files`, `tcp`) that are known to be barred.
    barred: Vec<&'static str>,
}

impl Checks {
    pub(crate) fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            checks: Vec::new(),
            barred: Vec::new(),
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

    /// Nothing gets through this way: what is sent over it need not be looked at.
    pub(super) fn bar(&mut self, way: &'static str) {
        self.barred.push(way);
    }

    pub(super) fn is_barred(&self, way: &str) -> bool {
        self.barred.contains(&way)
    }

    pub(crate) fn all(&self) -> &[Check] {
        &self.checks
    }

    /// How many found something.
    pub(crate) fn found(&self) -> usize {
        let found = |check: &&Check| matches!(check.verdict, Verdict::Warn | Verdict::Fail);
        self.checks.iter().filter(found).count()
    }
}

/// Lines for people: the verdict, the name and the fact; below, what to do.
pub(crate) fn text(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.name.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut out = String::new();
    for check in checks {
        // Into a String: cannot fail.
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
