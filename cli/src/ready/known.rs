//! What lines are judged by, and what they come to.

use super::Metrics;
use crate::doctor::{Check, Verdict as Seen, backend};
use crate::manifest::{Kind, Manifest, Origin};
use serde::Serialize;
use std::path::Path;

/// What a line came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Ok,
    Fail,
    /// A person has to look: the remedy says at what.
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

/// A line of the list.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    pub(super) phase: &'static str,
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    pub(super) fact: String,
    pub(super) remedy: String,
}

/// What was found out, without name and phase.
pub(super) struct Result(pub(super) Verdict, pub(super) String, pub(super) String);

pub(super) fn ok(fact: impl Into<String>) -> Result {
    Result(Verdict::Ok, fact.into(), String::new())
}

pub(super) fn fail(fact: impl Into<String>, remedy: impl Into<String>) -> Result {
    Result(Verdict::Fail, fact.into(), remedy.into())
}

pub(super) fn person(fact: impl Into<String>, remedy: impl Into<String>) -> Result {
    Result(Verdict::Person, fact.into(), remedy.into())
}

/// All that lines are judged by.
pub(super) struct Known<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) checks: &'a [Check],
    pub(super) page: Metrics<'a>,
    pub(super) alerts: Option<&'a Path>,
}

impl Known<'_> {
    /// Checks of these names; one that ends in `*` stands for all that begin so.
    fn checks<'b>(&'b self, of: &'b [&str]) -> impl Iterator<Item = &'b Check> {
        let is = |check: &Check, name: &str| match name.strip_suffix('*') {
            Some(begin) => check.name.starts_with(begin),
            None => check.name == name,
        };
        self.checks
            .iter()
            .filter(move |check| of.iter().any(|name| is(check, name)))
    }

    /// What checks came to: the first that found something; else, what was seen; where one was not made, that a person
    /// has to look.
    pub(super) fn seen(&self, of: &[&str], todo: &str) -> Result {
        let skipped = || self.checks(of).find(|check| check.verdict == Seen::Skipped);
        let found = self
            .checks(of)
            .find(|check| matches!(check.verdict, Seen::Fail | Seen::Warn));
        // What a proxy is in the way of is told once, there.
        let by_proxy = || {
            let points = skipped().is_some_and(|check| check.fact.ends_with("see `proxy`"));
            self.checks(&["proxy"])
                .find(|check| points && check.verdict == Seen::Fail)
        };
        if let Some(check) = found.or_else(by_proxy) {
            return fail(
                format!("{}: {}", check.name, check.fact),
                check.remedy.as_str(),
            );
        }
        let well = self.checks(of).filter(|check| check.verdict == Seen::Ok);
        let well: Vec<_> = well.map(|check| check.fact.as_str()).collect();
        match skipped() {
            None if well.is_empty() => person("nothing was looked at", todo),
            None => ok(well.join("; ")),
            Some(check) => person(
                [&well[..], &[check.fact.as_str()]].concat().join("; "),
                todo,
            ),
        }
    }

    pub(super) fn is_on(&self, name: &str) -> bool {
        backend(&self.manifest.config, name).is_some()
    }

    /// Whether a backend has an address of this signal that begins so.
    pub(super) fn sends(&self, name: &str, signal: &str, scheme: &str) -> bool {
        backend(&self.manifest.config, name).is_some_and(|backend| {
            let mut endpoints = backend.endpoints.iter();
            endpoints
                .any(|endpoint| endpoint.signal == signal && endpoint.address.starts_with(scheme))
        })
    }
}

/// Metrics of the program's own whose names hold one of these.
pub(super) fn named<'a>(manifest: &'a Manifest, parts: &[&str]) -> Vec<(&'a str, String)> {
    let own = manifest
        .metrics
        .iter()
        .filter(|metric| metric.origin != Origin::Library);
    let named = own.filter(|metric| parts.iter().any(|part| metric.name.contains(part)));
    named
        .map(|metric| {
            let count = if metric.kind == Kind::Histogram {
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
