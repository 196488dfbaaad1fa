//! Queries in PromQL, for Prometheus 2.42 or later.

use super::{COUNTED, LEVELS, MEASURED, label, of_kind, quantile, some};
use crate::error::Error;
use instrumental_manifest::{
    Manifest, MatchOperator, Matcher, Metric, MetricKind, Query, Selection,
};

/// A series without samples for this long before the window is new, so its first value counts. A new Prometheus counts
/// the first value of every series once.
const NEW_AFTER: &str = "1h";
/// A label that distinguishes series of several metrics until they are summed.
const METRIC_LABEL: &str = "instrumental_metric";

/// Where a query is evaluated, which determines its targets: the library's own metrics have the same names in every program.
#[derive(Clone, Copy)]
pub(crate) enum Reader<'a> {
    /// Prometheus: all targets, or those of one scrape job.
    Prometheus { job: Option<&'a str> },
    /// Grafana: the targets whose instances are in this variable.
    Grafana { instance: &'a str },
}

impl Reader<'_> {
    /// Returns a string literal. Grafana also replaces variables in strings, so `$` and `[[` are written as escapes.
    pub(crate) fn string(self, text: &str) -> String {
        let string = string(text);
        match self {
            Self::Prometheus { .. } => string,
            Self::Grafana { .. } => string.replace('$', r"\x24").replace("[[", r"[\x5b"),
        }
    }

    fn targets(self) -> Option<String> {
        match self {
            Self::Prometheus { job } => job.map(|job| format!("job={}", string(job))),
            Self::Grafana { instance } => Some(format!("instance=~{}", string(instance))),
        }
    }
}

/// The scope of a query.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub manifest: &'a Manifest,
    /// `5m`, or a variable of Grafana.
    pub window: &'a str,
    /// Dotted names of labels to keep.
    pub by: &'a [&'a str],
    /// Shift into the past: `1w`.
    pub offset: Option<&'a str>,
    pub reader: Reader<'a>,
    /// Whether the first value of a new series counts. `increase` ignores it, which would hide the first failure of a kind.
    pub births: bool,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(manifest: &'a Manifest, window: &'a str, reader: Reader<'a>) -> Self {
        Self {
            manifest,
            window,
            by: &[],
            offset: None,
            reader,
            births: false,
        }
    }

    /// Returns the query in this scope, in parentheses if necessary, so it can be used as an operand.
    ///
    /// # Errors
    ///
    /// The program does not record a metric or a label, or a metric has the wrong kind.
    pub(crate) fn query(&self, query: &Query) -> Result<String, Error> {
        match query {
            Query::Rate { of } => self.sum(of, COUNTED, "_count", "rate"),
            Query::Increase { of } => self.sum(of, COUNTED, "_count", "increase"),
            Query::Total { of } => self.sum(of, MEASURED, "_sum", "increase"),
            Query::Share { part, whole } => {
                let part = self.sum(part, COUNTED, "_count", "rate")?;
                let whole = self.sum(whole, COUNTED, "_count", "rate")?;
                // A numerator without series is 0. The comparison drops the result of 0/0.
                Ok(format!("(({part} or 0 * {whole}) / {whole} >= 0)"))
            }
            Query::Average { of } => {
                let of = std::slice::from_ref(of);
                let sum = self.sum(of, MEASURED, "_sum", "rate")?;
                let count = self.sum(of, MEASURED, "_count", "rate")?;
                Ok(format!("({sum} / ({count} > 0))"))
            }
            Query::Quantile { q, of } => self.quantile(quantile(*q)?, of),
            Query::Level { of } => self.level(of),
            Query::Fraction { part, whole } => {
                let (part, whole) = (self.level(part)?, self.level(whole)?);
                Ok(format!("(({part} or 0 * {whole}) / ({whole} != 0))"))
            }
        }
    }

    /// Returns the sum over series of a function of their latest values.
    fn sum(
        &self,
        of: &[Selection],
        kinds: &[MetricKind],
        suffix: &str,
        function: &str,
    ) -> Result<String, Error> {
        let several = some(of)?.iter().any(|one| one.metric != of[0].metric);
        let mut parts = Vec::new();
        let mut metrics = Vec::new();
        for selection in of {
            let metric = of_kind(self.manifest, selection, kinds)?;
            let suffix = if metric.kind == MetricKind::Histogram {
                suffix
            } else {
                ""
            };
            let series = self.series(metric, suffix, selection)?;
            let part = self.changes(&series, function);
            parts.push(if several {
                // `or` drops the second of two series with the same labels.
                let name = self.reader.string(&metric.name);
                format!(r#"label_replace({part}, "{METRIC_LABEL}", {name}, "", "")"#)
            } else {
                part
            });
            metrics.push(metric);
        }
        Ok(format!(
            "sum{}({})",
            self.group(&metrics, &[])?,
            parts.join(" or ")
        ))
    }

    fn changes(&self, series: &str, function: &str) -> String {
        let (window, offset) = (self.window, self.offset());
        let changes = format!("{function}({series}[{window}]{offset})");
        if !self.births || function != "increase" || self.offset.is_some() {
            return changes;
        }
        let now = format!("max_over_time({series}[{window}])");
        let before = format!("max_over_time({series}[{NEW_AFTER}] offset {window})");
        format!("({now} unless {before}) or {changes}")
    }

    fn quantile(&self, q: f64, of: &Selection) -> Result<String, Error> {
        let metric = of_kind(self.manifest, of, MEASURED)?;
        let series = self.series(metric, "_bucket", of)?;
        let group = self.group(&[metric], &["le"])?;
        let (window, offset) = (self.window, self.offset());
        // The quantile of no values is NaN, which the comparison drops; bucket bounds are never negative.
        Ok(format!(
            "(histogram_quantile({q}, sum{group}(rate({series}[{window}]{offset}))) >= 0)"
        ))
    }

    fn level(&self, of: &Selection) -> Result<String, Error> {
        let metric = of_kind(self.manifest, of, LEVELS)?;
        let series = self.series(metric, "", of)?;
        let group = self.group(&[metric], &[])?;
        Ok(format!("sum{group}({series}{})", self.offset()))
    }

    fn offset(&self) -> String {
        let offset = self.offset.map(|offset| format!(" offset {offset}"));
        offset.unwrap_or_default()
    }

    /// Returns ` by (..) `, or an empty string. Every metric must have the labels.
    fn group(&self, metrics: &[&Metric], more: &[&str]) -> Result<String, Error> {
        let mut names: Vec<&str> = more.to_vec();
        for by in self.by {
            let mut name = "";
            for metric in metrics {
                name = &label(metric, by)?.prometheus;
            }
            names.push(name);
        }
        Ok(if names.is_empty() {
            String::new()
        } else {
            format!(" by ({}) ", names.join(", "))
        })
    }

    /// Returns the series of a histogram's values up to one of its bounds.
    pub(crate) fn bucket(
        &self,
        metric: &Metric,
        selection: &Selection,
        bound: f64,
    ) -> Result<String, Error> {
        let mut matchers = self.matchers(metric, selection)?;
        matchers.push(format!("le=\"{bound:?}\""));
        Ok(selector(
            &format!("{}_bucket", metric.prometheus),
            &matchers,
        ))
    }

    fn series(
        &self,
        metric: &Metric,
        suffix: &str,
        selection: &Selection,
    ) -> Result<String, Error> {
        let matchers = self.matchers(metric, selection)?;
        Ok(selector(
            &format!("{}{suffix}", metric.prometheus),
            &matchers,
        ))
    }

    fn matchers(&self, metric: &Metric, selection: &Selection) -> Result<Vec<String>, Error> {
        let mut matchers: Vec<String> = self.reader.targets().into_iter().collect();
        for matcher in &selection.matchers {
            matchers.extend(matches(self.reader, metric, matcher)?);
        }
        Ok(matchers)
    }
}

/// Returns `name{label="value"}`.
pub(crate) fn selector(name: &str, matchers: &[String]) -> String {
    match matchers.is_empty() {
        true => name.to_owned(),
        false => format!("{name}{{{}}}", matchers.join(",")),
    }
}

/// Returns a matcher, or `None` if it excludes nothing.
fn matches(
    reader: Reader<'_>,
    metric: &Metric,
    matcher: &Matcher,
) -> Result<Option<String>, Error> {
    let name = &label(metric, &matcher.label)?.prometheus;
    let all = |each: fn(&str) -> String| {
        let patterns: Vec<_> = matcher.values.iter().map(|value| each(value)).collect();
        reader.string(&patterns.join("|"))
    };
    Ok(Some(match (matcher.is, matcher.values.as_slice()) {
        (MatchOperator::NotIn, []) => return Ok(None),
        (MatchOperator::In | MatchOperator::Prefix, []) => {
            let (metric, label) = (&metric.name, &matcher.label);
            return Err(Error::new(format!(
                "a query of metric `{metric}` lists no value of label `{label}`"
            )));
        }
        (MatchOperator::In, [one]) => format!("{name}={}", reader.string(one)),
        (MatchOperator::NotIn, [one]) => format!("{name}!={}", reader.string(one)),
        (MatchOperator::In, _) => format!("{name}=~{}", all(literal)),
        (MatchOperator::NotIn, _) => format!("{name}!~{}", all(literal)),
        (MatchOperator::Prefix, _) => format!("{name}=~{}", all(prefix)),
    }))
}

/// Returns a pattern for a prefix. Label values may contain newlines, which `.` does not match by default.
fn prefix(text: &str) -> String {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let rest = if digits { ".*" } else { "(?s:.*)" };
    format!("{}{rest}", literal(text))
}

/// Returns a regular expression (RE2) that only matches a text.
pub(crate) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Returns a PromQL string literal, which has the escapes of Go.
pub(crate) fn string(text: &str) -> String {
    quoted(text, char::is_control)
}

/// Returns a text in double quotes, with numeric escapes for some characters.
pub(crate) fn quoted(text: &str, must_escape: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if must_escape(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Returns seconds as a duration of Prometheus: `5m`, `90s`, `1w`.
pub(crate) fn duration(seconds: f64) -> String {
    // Durations are short enough for the conversion to be exact.
    let all = (seconds * 1e3).round().max(0.0) as u64;
    let units = [
        ("w", 604_800_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ];
    let whole = units
        .into_iter()
        .find(|(_, size)| all > 0 && all.is_multiple_of(*size));
    whole.map_or("0s".into(), |(unit, size)| format!("{}{unit}", all / size))
}
