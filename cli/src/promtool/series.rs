//! Input series from which a query has given values.

use super::labels::{Labels, outside, within};
use super::stretch::{Shape, Stretch, TRAFFIC, amount, traffic, values};
use crate::error::Error;
use crate::query;
use crate::query::promql::{selector, string};
use instrumental_manifest::{Manifest, Metric, MetricKind, Query, Selection};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The program whose series are generated, and how they are sampled.
pub(crate) struct Source<'a> {
    pub manifest: &'a Manifest,
    pub job: Option<&'a str>,
    /// The window of the query, in seconds.
    pub window: f64,
    /// The interval of samples, in seconds.
    pub step: f64,
    /// Whether the numerator of a ratio has series.
    pub part: bool,
}

impl Source<'_> {
    /// Returns the series as input of promtool.
    pub(crate) fn series(&self, query: &Query, stretches: &[Stretch]) -> Result<Vec<Value>, Error> {
        let series = SeriesBuilder::of(self, query, stretches)?.into_iter();
        Ok(series
            .map(|(series, values)| json!({"series": series, "values": values}))
            .collect())
    }

    /// Returns the series of calls of which the given ratio takes longer than a bucket bound.
    pub(crate) fn slow(
        &self,
        metric: &Metric,
        of: &Selection,
        bound: f64,
        stretches: &[Stretch],
    ) -> Vec<Value> {
        let labels = within(metric, &[of]).unwrap_or_default();
        let all = traffic(stretches);
        let fast: Vec<_> = stretches
            .iter()
            .zip(&all)
            .map(|(stretch, all)| all * (1.0 - amount(stretch)))
            .collect();
        let series = |suffix: &str, bound: Option<f64>, amounts: &[f64]| {
            let name = self.name(metric, suffix, &labels, bound);
            json!({"series": name, "values": values(Shape::Counter, stretches, amounts)})
        };
        vec![
            series("_bucket", Some(bound), &fast),
            series("_bucket", Some(f64::INFINITY), &all),
            series("_count", None, &all),
        ]
    }

    /// Returns `name{label="value"}`.
    pub(super) fn name(
        &self,
        metric: &Metric,
        suffix: &str,
        labels: &Labels,
        bound: Option<f64>,
    ) -> String {
        let suffix = if metric.kind == MetricKind::Histogram {
            suffix
        } else {
            ""
        };
        let job = self.job.map(|job| ("job", job.to_owned()));
        let bound = bound.map(|bound| {
            let text = if bound.is_finite() {
                format!("{bound:?}")
            } else {
                "+Inf".into()
            };
            ("le", text)
        });
        let more = job.into_iter().chain(bound);
        let labels = labels
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .chain(more);
        let labels: Vec<_> = labels
            .map(|(name, value)| format!("{name}={}", string(&value)))
            .collect();
        selector(&format!("{}{suffix}", metric.prometheus), &labels)
    }
}

/// Collects series with their samples in promtool's notation.
pub(super) struct SeriesBuilder<'a> {
    source: &'a Source<'a>,
    stretches: &'a [Stretch],
    series: BTreeMap<String, String>,
}

impl<'a> SeriesBuilder<'a> {
    /// Returns series from which the query has the values of the stretches.
    pub(super) fn of(
        source: &'a Source<'a>,
        query: &Query,
        stretches: &'a [Stretch],
    ) -> Result<BTreeMap<String, String>, Error> {
        let mut builder = Self {
            source,
            stretches,
            series: BTreeMap::new(),
        };
        builder.add_query(query)?;
        Ok(builder.series)
    }

    fn add_query(&mut self, query: &Query) -> Result<(), Error> {
        let Source { step, window, .. } = *self.source;
        let stretches = self.stretches;
        let each = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
            stretches.iter().map(|one| of(amount(one))).collect()
        };
        let within_window = || each(&|value| value * step / window);
        match query {
            Query::Rate { of } => self.add_counters(of, "_count", &each(&|value| value * step)),
            Query::Increase { of } => self.add_counters(of, "_count", &within_window()),
            Query::Total { of } => self.add_counters(of, "_sum", &within_window()),
            Query::Level { of } => {
                let of = std::slice::from_ref(of);
                self.add_each(of, "", Shape::Gauge, &each(&|value| value))
            }
            Query::Average { of } => {
                let of = std::slice::from_ref(of);
                self.add_counters(of, "_sum", &each(&|value| value * TRAFFIC))?;
                self.add_counters(of, "_count", &traffic(stretches))
            }
            Query::Quantile { of, .. } => self.add_buckets(of),
            Query::Share { part, whole } => {
                let (part, whole): (Vec<_>, Vec<_>) =
                    (part.iter().collect(), whole.iter().collect());
                self.add_ratio(&part, &whole, Shape::Counter)
            }
            Query::Fraction { part, whole } => self.add_ratio(&[part], &[whole], Shape::Gauge),
        }
    }

    fn metric(&self, selection: &Selection) -> Result<&'a Metric, Error> {
        query::metric(self.source.manifest, &selection.metric)
    }

    fn add_counters(
        &mut self,
        of: &[Selection],
        suffix: &str,
        amounts: &[f64],
    ) -> Result<(), Error> {
        self.add_each(of, suffix, Shape::Counter, amounts)
    }

    /// Adds a series for each selection, among which the amounts are divided.
    fn add_each(
        &mut self,
        of: &[Selection],
        suffix: &str,
        shape: Shape,
        amounts: &[f64],
    ) -> Result<(), Error> {
        let mut names = Vec::new();
        for selection in of {
            let metric = self.metric(selection)?;
            let labels = within(metric, &[selection]).ok_or_else(|| impossible(selection))?;
            let name = self.source.name(metric, suffix, &labels, None);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        self.add(names, shape, |n| amounts[n]);
        Ok(())
    }

    /// Adds series among which the amount of each stretch is divided.
    fn add(&mut self, names: Vec<String>, shape: Shape, amount: impl Fn(usize) -> f64) {
        let parts = names.len() as f64;
        let amounts: Vec<_> = (0..self.stretches.len())
            .map(|n| amount(n) / parts)
            .collect();
        let values = values(shape, self.stretches, &amounts);
        self.series
            .extend(names.into_iter().map(|name| (name, values.clone())));
    }

    /// Adds series of the numerator, and of what else is in the denominator.
    fn add_ratio(
        &mut self,
        part: &[&Selection],
        whole: &[&Selection],
        shape: Shape,
    ) -> Result<(), Error> {
        let (inside, outside_whole) = self.numerator(part, whole)?;
        let mut rest = Vec::new();
        for selection in whole {
            let metric = self.metric(selection)?;
            let parts = part.iter().filter(|part| part.metric == selection.metric);
            let parts: Vec<_> = parts.copied().collect();
            if let Some(labels) = outside(metric, selection, &parts) {
                rest.push(self.source.name(metric, "_count", &labels, None));
            }
        }
        if rest.is_empty() {
            return Err(Error::new(
                "numerator and denominator select the same series, so the ratio is always 1",
            ));
        }
        let within_whole = !inside.is_empty();
        let (stretches, traffic_at) = (self.stretches, traffic(self.stretches));
        let share = |n: usize| amount(&stretches[n]) * traffic_at[n];
        if self.source.part {
            let parts = if within_whole { inside } else { outside_whole };
            self.add(parts, shape, share);
        }
        self.add(rest, shape, |n| {
            traffic_at[n] - if within_whole { share(n) } else { 0.0 }
        });
        Ok(())
    }

    /// Returns the series of the numerator: those that are in the denominator too, and the others.
    fn numerator(
        &self,
        part: &[&Selection],
        whole: &[&Selection],
    ) -> Result<(Vec<String>, Vec<String>), Error> {
        let (mut inside, mut others) = (Vec::new(), Vec::new());
        for selection in part {
            let metric = self.metric(selection)?;
            let name = |labels| self.source.name(metric, "_count", labels, None);
            let mut wholes = whole
                .iter()
                .filter(|whole| whole.metric == selection.metric);
            if let Some(labels) = wholes.find_map(|whole| within(metric, &[selection, whole])) {
                inside.push(name(&labels));
            } else {
                let labels = within(metric, &[selection]).ok_or_else(|| impossible(selection))?;
                others.push(name(&labels));
            }
        }
        Ok((inside, others))
    }

    /// Adds buckets of a histogram whose values are equal: one bound is at the value, one half an octave below it.
    fn add_buckets(&mut self, of: &Selection) -> Result<(), Error> {
        let metric = self.metric(of)?;
        let labels = within(metric, &[of]).ok_or_else(|| impossible(of))?;
        let (stretches, traffic_at) = (self.stretches, traffic(self.stretches));
        let mut bounds = vec![f64::INFINITY];
        for value in stretches.iter().map(amount).filter(|value| *value > 0.0) {
            bounds.extend([value * 0.5_f64.sqrt(), value]);
        }
        for bound in bounds {
            let is_within = |n: usize| amount(&stretches[n]) <= bound;
            let name = self.source.name(metric, "_bucket", &labels, Some(bound));
            self.add(vec![name], Shape::Counter, |n| {
                if is_within(n) { traffic_at[n] } else { 0.0 }
            });
        }
        Ok(())
    }
}

fn impossible(selection: &Selection) -> Error {
    let metric = &selection.metric;
    Error::new(format!(
        "no series of `{metric}` can match the query, so the alert would never fire"
    ))
}
