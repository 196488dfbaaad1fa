//! The evidence for the lines, and their results.

use crate::commands::doctor::{Check, MetricsPage, Verdict as CheckVerdict, backend};
use instrumental_manifest::{Manifest, MetricKind, Origin};
use serde::Serialize;
use std::path::Path;

/// The result of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Ok,
    Fail,
    /// A person has to check; the remedy says what.
    Person,
}

impl Verdict {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fail => "FAIL",
            Self::Person => "PERSON",
        }
    }
}

/// A line of the checklist.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    pub(super) phase: &'static str,
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    pub(super) fact: String,
    pub(super) remedy: String,
}

/// The page of the running service, or why there is none.
pub(super) type Metrics<'a> = Result<&'a MetricsPage, &'a str>;

/// The result of a line: the verdict, what was observed, and what to do.
pub(super) struct Finding(pub(super) Verdict, pub(super) String, pub(super) String);

pub(super) fn ok(fact: impl Into<String>) -> Finding {
    Finding(Verdict::Ok, fact.into(), String::new())
}

pub(super) fn fail(fact: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding(Verdict::Fail, fact.into(), remedy.into())
}

pub(super) fn person(fact: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding(Verdict::Person, fact.into(), remedy.into())
}

/// The evidence.
pub(super) struct Evidence<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) checks: &'a [Check],
    pub(super) page: Metrics<'a>,
    pub(super) alerts: Option<&'a Path>,
}

impl Evidence<'_> {
    /// Returns the checks of these names. A name that ends with `*` matches all that start with it.
    fn checks<'b>(&'b self, of: &'b [&str]) -> impl Iterator<Item = &'b Check> {
        let is = |check: &Check, name: &str| match name.strip_suffix('*') {
            Some(begin) => check.name.starts_with(begin),
            None => check.name == name,
        };
        self.checks
            .iter()
            .filter(move |check| of.iter().any(|name| is(check, name)))
    }

    /// Returns the result of checks: the first failure, or that a person has to check if one was skipped, or what was
    /// observed.
    pub(super) fn result(&self, of: &[&str], todo: &str) -> Finding {
        let skipped = || {
            self.checks(of)
                .find(|check| check.verdict == CheckVerdict::Skipped)
        };
        let found = self
            .checks(of)
            .find(|check| matches!(check.verdict, CheckVerdict::Fail | CheckVerdict::Warn));
        // The check of the proxy reports what it blocks.
        let by_proxy = || {
            let points = skipped().is_some_and(|check| check.fact.ends_with("see `proxy`"));
            self.checks(&["proxy"])
                .find(|check| points && check.verdict == CheckVerdict::Fail)
        };
        if let Some(check) = found.or_else(by_proxy) {
            return fail(
                format!("{}: {}", check.name, check.fact),
                check.remedy.as_str(),
            );
        }
        let passed = self
            .checks(of)
            .filter(|check| check.verdict == CheckVerdict::Ok);
        let passed: Vec<_> = passed.map(|check| check.fact.as_str()).collect();
        match skipped() {
            None if passed.is_empty() => person("nothing was checked", todo),
            None => ok(passed.join("; ")),
            Some(check) => person(
                [&passed[..], &[check.fact.as_str()]].concat().join("; "),
                todo,
            ),
        }
    }

    pub(super) fn is_on(&self, name: &str) -> bool {
        backend(&self.manifest.config, name).is_some()
    }

    /// Whether a backend has an address of this signal with this scheme.
    pub(super) fn sends(&self, name: &str, signal: &str, scheme: &str) -> bool {
        backend(&self.manifest.config, name).is_some_and(|backend| {
            let mut endpoints = backend.endpoints.iter();
            endpoints
                .any(|endpoint| endpoint.signal == signal && endpoint.address.starts_with(scheme))
        })
    }
}

/// Returns the program's own metrics whose names contain one of the parts.
pub(super) fn named<'a>(manifest: &'a Manifest, parts: &[&str]) -> Vec<(&'a str, String)> {
    let own = manifest
        .metrics
        .iter()
        .filter(|metric| metric.origin != Origin::Library);
    let named = own.filter(|metric| parts.iter().any(|part| metric.name.contains(part)));
    named
        .map(|metric| {
            let count = if metric.kind == MetricKind::Histogram {
                "_count"
            } else {
                ""
            };
            (
                metric.name.as_str(),
                format!("{}{count}", metric.prometheus),
            )
        })
        .collect()
}
