//! Queries in Datadog's metric query language.
//!
//! The library sends counters as counts and histograms as distributions. Tags are normalized like those it sends.

use super::{COUNTED, LEVELS, MEASURED, label, of_kind, quantile, some};
use crate::error::Error;
use instrumental_manifest::{
    Manifest, MatchOperator, Matcher, Metric, MetricKind, Query, Selection,
};

/// The maximum length of a tag that the library sends, in bytes.
const MAX_TAG: usize = 200;

/// Returns a query for a graph of this service in all environments.
///
/// `by` are dotted names of labels to keep; counts and totals cover `window_seconds` each.
///
/// # Errors
///
/// The program does not record a metric or a label, or a metric has the wrong kind.
pub(crate) fn expression(
    manifest: &Manifest,
    query: &Query,
    window_seconds: u64,
    by: &[&str],
) -> Result<String, Error> {
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

/// The scope of a query.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub manifest: &'a Manifest,
    /// Dotted names of labels to keep.
    pub by: &'a [&'a str],
    /// Tags and variables of every series: `service:shop`, `$env`.
    pub of: &'a [String],
    /// The time that counts and totals cover, in seconds; `None` in a monitor, which has a window.
    pub rollup: Option<u64>,
    /// Whether missing data is 0, as the library sends no counts of 0.
    pub absent_is_zero: bool,
    /// Shift into the past, in seconds.
    pub ago: Option<u64>,
}

/// What is summed.
#[derive(Clone, Copy)]
enum Number {
    /// Events, of a counter or a histogram.
    Events,
    /// The number of a histogram's values.
    Values,
    /// The sum of a histogram's values.
    Sum,
}

impl Number {
    const fn kinds(self) -> &'static [MetricKind] {
        match self {
            Self::Events => COUNTED,
            Self::Values | Self::Sum => MEASURED,
        }
    }
}

impl Scope<'_> {
    /// Returns the query in this scope.
    pub(crate) fn query(&self, query: &Query) -> Result<String, Error> {
        let rollup = self.rollup.map(|s| format!(".rollup(sum, {})", s.max(1)));
        let counts = format!(".as_count(){}", rollup.unwrap_or_default());
        let zero = self.absent_is_zero;
        match query {
            Query::Rate { of } => self.sum(of, Number::Events, ".as_rate()", zero),
            Query::Increase { of } => self.sum(of, Number::Events, &counts, zero),
            Query::Total { of } => self.sum(of, Number::Sum, &counts, zero),
            Query::Share { part, whole } => {
                // A numerator without data is 0.
                let part = self.sum(part, Number::Events, ".as_count()", true)?;
                let whole = self.sum(whole, Number::Events, ".as_count()", false)?;
                Ok(format!("({part} / {whole})"))
            }
            Query::Average { of } => {
                let of = std::slice::from_ref(of);
                let sum = self.sum(of, Number::Sum, ".as_count()", false)?;
                let count = self.sum(of, Number::Values, ".as_count()", false)?;
                Ok(format!("({sum} / {count})"))
            }
            Query::Quantile { q, of } => {
                let metric = of_kind(self.manifest, of, MEASURED)?;
                // Datadog supports two decimals.
                let percent = (quantile(*q)? * 1e4).round() / 100.0;
                Ok(self.shifted(self.series(metric, &format!("p{percent}"), of)?))
            }
            Query::Level { of } => self.level(of),
            Query::Fraction { part, whole } => {
                let (part, whole) = (self.level(part)?, self.level(whole)?);
                Ok(format!("(default_zero({part}) / {whole})"))
            }
        }
    }

    /// Returns the sum of selections. `function` is applied to each; `zero` replaces missing data.
    fn sum(
        &self,
        of: &[Selection],
        number: Number,
        function: &str,
        zero: bool,
    ) -> Result<String, Error> {
        // A sum with one term without data has no value.
        let zero = zero || some(of)?.len() > 1;
        let mut parts = Vec::new();
        for selection in of {
            let metric = of_kind(self.manifest, selection, number.kinds())?;
            let space = match (metric.kind, number) {
                (MetricKind::Histogram, Number::Events | Number::Values) => "count",
                _ => "sum",
            };
            let part = format!("{}{function}", self.series(metric, space, selection)?);
            let part = self.shifted(part);
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

    fn level(&self, of: &Selection) -> Result<String, Error> {
        let metric = of_kind(self.manifest, of, LEVELS)?;
        Ok(self.shifted(self.series(metric, "sum", of)?))
    }

    /// Shifts a series into the past.
    fn shifted(&self, series: String) -> String {
        match self.ago {
            Some(seconds) => format!("timeshift({series}, -{seconds})"),
            None => series,
        }
    }

    /// Returns `sum:name{tags} by {tags}`.
    fn series(&self, metric: &Metric, space: &str, selection: &Selection) -> Result<String, Error> {
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

/// Returns a matcher with the operators `NOT` and `AND`, as `!` and `,` cannot be combined with `OR`.
fn filter(metric: &Metric, matcher: &Matcher) -> Result<Option<String>, Error> {
    let name = &label(metric, &matcher.label)?.name;
    let tags: Vec<String> = match matcher.is {
        MatchOperator::In | MatchOperator::NotIn => {
            matcher.values.iter().map(|v| tag(name, v)).collect()
        }
        MatchOperator::Prefix => {
            let begins = |v: &String| format!("{}:{}*", key(name), mapped(v, true));
            matcher.values.iter().map(begins).collect()
        }
    };
    let any = match tags.as_slice() {
        [] if matcher.is == MatchOperator::NotIn => return Ok(None),
        [] => {
            let metric = &metric.name;
            return Err(Error::new(format!(
                "a query of metric `{metric}` lists no value of label `{name}`"
            )));
        }
        [one] => one.clone(),
        several => format!("({})", several.join(" OR ")),
    };
    Ok(Some(if matcher.is == MatchOperator::NotIn {
        format!("NOT {any}")
    } else {
        any
    }))
}

/// Returns `key:value` as the library sends it and Datadog stores it: in lower case, with `_` instead of characters other than
/// letters, digits and `_-:./`. It starts with a letter and does not end with `:` or `_`.
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

/// Returns the key of a tag.
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
