//! Queries in Datadog's metric query language.
//!
//! Counters arrive there as counts and histograms as distributions. Tags have the form that the library sends them in.

use super::{COUNTED, LEVELS, MEASURED, label, of_kind, quantile, some};
use crate::failure::Failure;
use crate::manifest::{Is, Kind, Manifest, Matcher, Metric, Query, Selection};

/// The longest tag that the library sends, in bytes.
const MAX_TAG: usize = 200;

/// A query for a graph: of this service, in every environment.
///
/// `by` are dotted names of labels to keep; counts and totals are of `window_seconds` each.
///
/// # Errors
///
/// A metric or a label that the program does not record, or a metric of the wrong kind.
pub(crate) fn expression(
    manifest: &Manifest,
    query: &Query,
    window_seconds: u64,
    by: &[&str],
) -> Result<String, Failure> {
    let scope = [tag("service", &manifest.service.name)];
    Scope {
        manifest,
        by,
        of: &scope,
        rollup: Some(window_seconds),
        absent_is_zero: false,
        ago: None,
    }
    .query(query)
}

/// What a query looks at.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub manifest: &'a Manifest,
    /// Dotted names of labels to keep.
    pub by: &'a [&'a str],
    /// Tags and variables that hold for everything: `service:shop`, `$env`.
    pub of: &'a [String],
    /// What counts and totals are of, in seconds; a monitor's window says it instead.
    pub rollup: Option<u64>,
    /// Whether what did not happen is none, rather than no data: the library sends no count of nought.
    pub absent_is_zero: bool,
    /// How many seconds ago.
    pub ago: Option<u64>,
}

impl Scope<'_> {
    /// The query in this scope.
    pub(crate) fn query(&self, query: &Query) -> Result<String, Failure> {
        let rollup = self.rollup.map(|s| format!(".rollup(sum, {})", s.max(1)));
        let counts = format!(".as_count(){}", rollup.unwrap_or_default());
        let zero = self.absent_is_zero;
        match query {
            Query::Rate { of } => self.sum(of, COUNTED, "count", ".as_rate()", zero),
            Query::Increase { of } => self.sum(of, COUNTED, "count", &counts, zero),
            Query::Total { of } => self.sum(of, MEASURED, "sum", &counts, zero),
            Query::Share { part, whole } => {
                // A part that was never recorded is none of the whole.
                let part = self.sum(part, COUNTED, "count", ".as_count()", true)?;
                let whole = self.sum(whole, COUNTED, "count", ".as_count()", false)?;
                Ok(format!("({part} / {whole})"))
            }
            Query::Average { of } => {
                let of = std::slice::from_ref(of);
                let sum = self.sum(of, MEASURED, "sum", ".as_count()", false)?;
                let count = self.sum(of, MEASURED, "count", ".as_count()", false)?;
                Ok(format!("({sum} / {count})"))
            }
            Query::Quantile { q, of } => {
                let metric = of_kind(self.manifest, of, MEASURED)?;
                // Two digits after the point are what Datadog keeps.
                let percent = (quantile(*q)? * 1e4).round() / 100.0;
                Ok(self.then(self.series(metric, &format!("p{percent}"), of)?))
            }
            Query::Level { of } => self.level(of),
            Query::Fraction { part, whole } => {
                let (part, whole) = (self.level(part)?, self.level(whole)?);
                Ok(format!("(default_zero({part}) / {whole})"))
            }
        }
    }

    fn sum(
        &self,
        of: &[Selection],
        kinds: &[Kind],
        distribution: &str,
        how: &str,
        zero: bool,
    ) -> Result<String, Failure> {
        // A sum with something that has no data has none.
        let zero = zero || some(of)?.len() > 1;
        let mut parts = Vec::new();
        for selection in of {
            let metric = of_kind(self.manifest, selection, kinds)?;
            let space = if metric.kind == Kind::Histogram {
                distribution
            } else {
                "sum"
            };
            let part = format!("{}{how}", self.series(metric, space, selection)?);
            let part = self.then(part);
            parts.push(if zero {
                format!("default_zero({part})")
            } else {
                part
            });
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => format!("({})", parts.join(" + ")),
        })
    }

    fn level(&self, of: &Selection) -> Result<String, Failure> {
        let metric = of_kind(self.manifest, of, LEVELS)?;
        Ok(self.then(self.series(metric, "sum", of)?))
    }

    /// What it was then.
    fn then(&self, series: String) -> String {
        match self.ago {
            Some(seconds) => format!("timeshift({series}, -{seconds})"),
            None => series,
        }
    }

    /// `sum:name{tags} by {tags}`.
    fn series(
        &self,
        metric: &Metric,
        space: &str,
        selection: &Selection,
    ) -> Result<String, Failure> {
        let mut filters = self.of.to_vec();
        for matcher in &selection.matchers {
            filters.extend(filter(metric, matcher)?);
        }
        let filters = if filters.is_empty() {
            "*".into()
        } else {
            filters.join(" AND ")
        };
        let mut group = Vec::new();
        for by in self.by {
            label(metric, by)?;
            group.push(key(by));
        }
        let group = if group.is_empty() {
            String::new()
        } else {
            format!(" by {{{}}}", group.join(","))
        };
        let name = &metric.datadog;
        Ok(format!("{space}:{name}{{{filters}}}{group}"))
    }
}

/// One matcher, in words: `!` and `,` may not stand beside `OR`.
fn filter(metric: &Metric, matcher: &Matcher) -> Result<Option<String>, Failure> {
    let name = &label(metric, &matcher.label)?.name;
    let tags: Vec<String> = match matcher.is {
        Is::In | Is::NotIn => matcher.values.iter().map(|v| tag(name, v)).collect(),
        Is::Prefix => {
            let begins = |v: &String| format!("{}:{}*", key(name), mapped(v, true));
            matcher.values.iter().map(begins).collect()
        }
    };
    let any = match tags.as_slice() {
        [] if matcher.is == Is::NotIn => return Ok(None),
        [] => {
            let metric = &metric.name;
            return Err(Failure::new(format!(
                "a query of metric `{metric}` names no value of label `{name}`"
            )));
        }
        [one] => one.clone(),
        several => format!("({})", several.join(" OR ")),
    };
    Ok(Some(if matcher.is == Is::NotIn {
        format!("NOT {any}")
    } else {
        any
    }))
}

/// `key:value` as the library sends it, and as Datadog stores it: lower case; letters, digits and `_-:./`, all else `_`;
/// begins with a letter, ends with neither `:` nor `_`.
pub(crate) fn tag(key: &str, value: &str) -> String {
    let all = format!("{}:{}", mapped(key, false), mapped(value, true));
    let begins = all.find(char::is_alphabetic).unwrap_or(all.len());
    let all = &all[begins..];
    let mut end = all.len().min(MAX_TAG);
    while !all.is_char_boundary(end) {
        end -= 1;
    }
    all[..end].trim_end_matches([':', '_']).to_owned()
}

/// A tag's key.
pub(crate) fn key(name: &str) -> String {
    let mapped = mapped(name, false);
    mapped
        .trim_start_matches(|c: char| !c.is_alphabetic())
        .to_owned()
}

fn mapped(text: &str, colon: bool) -> String {
    let lower = text.chars().flat_map(char::to_lowercase);
    let kept = |c: char| c.is_alphanumeric() || "_-./".contains(c) || (colon && c == ':');
    lower.map(|c| if kept(c) { c } else { '_' }).collect()
}
