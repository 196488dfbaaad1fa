//! Series from which a query has a given value.

use super::labels::{Labels, outside, within};
use crate::failure::Failure;
use crate::manifest::{Kind, Manifest, Metric, Query, Selection};
use crate::query;
use crate::query::promql::{selector, string};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What counters begin with: a program has been running for some time.
const BEGIN: f64 = 7.0;
/// Events or units a step that shares are made of.
const TRAFFIC: f64 = 100.0;

/// Some time in which the query has one value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub steps: usize,
    pub what: What,
    /// Whether the program begins anew, and so its counters.
    pub restart: bool,
}

impl Stretch {
    pub(crate) fn of(steps: usize, what: What) -> Self {
        Self {
            steps,
            what,
            restart: false,
        }
    }
}

/// What happens meanwhile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum What {
    /// The query has this value.
    Value(f64),
    /// Nothing happens; the series are there.
    Nothing,
    /// The series are not there.
    Missing,
}

/// Where the series come from.
pub(crate) struct Source<'a> {
    pub manifest: &'a Manifest,
    pub job: Option<&'a str>,
    /// Of the query, in seconds.
    pub window: f64,
    /// Between two samples, in seconds.
    pub step: f64,
    /// Whether the part of a share is there at all.
    pub part: bool,
}

/// A counter that grows by so much a step, or a gauge at a level.
#[derive(Clone, Copy)]
enum Shape {
    Grows,
    Stands,
}

impl Source<'_> {
    /// The series, as promtool takes them.
    pub(crate) fn series(
        &self,
        query: &Query,
        stretches: &[Stretch],
    ) -> Result<Vec<Value>, Failure> {
        let each = |f: &dyn Fn(f64) -> f64| -> Vec<f64> {
            stretches.iter().map(|s| f(amount(s))).collect()
        };
        let mut out = BTreeMap::new();
        match query {
            Query::Rate { of } => {
                let amounts = each(&|value| value * self.step);
                self.spread(&mut out, of, "_count", Shape::Grows, stretches, &amounts)?;
            }
            Query::Increase { of } => {
                let amounts = each(&|value| value * self.step / self.window);
                self.spread(&mut out, of, "_count", Shape::Grows, stretches, &amounts)?;
            }
            Query::Total { of } => {
                let amounts = each(&|value| value * self.step / self.window);
                self.spread(&mut out, of, "_sum", Shape::Grows, stretches, &amounts)?;
            }
            Query::Level { of } => {
                let of = std::slice::from_ref(of);
                self.spread(
                    &mut out,
                    of,
                    "",
                    Shape::Stands,
                    stretches,
                    &each(&|value| value),
                )?;
            }
            Query::Average { of } => {
                let of = std::slice::from_ref(of);
                let sums = each(&|value| value * TRAFFIC);
                self.spread(&mut out, of, "_sum", Shape::Grows, stretches, &sums)?;
                let counts = traffic(stretches);
                self.spread(&mut out, of, "_count", Shape::Grows, stretches, &counts)?;
            }
            Query::Quantile { of, .. } => self.buckets(&mut out, of, stretches)?,
            Query::Share { part, whole } => {
                let (part, whole): (Vec<_>, Vec<_>) =
                    (part.iter().collect(), whole.iter().collect());
                self.divided(&mut out, &part, &whole, Shape::Grows, stretches)?;
            }
            Query::Fraction { part, whole } => {
                self.divided(&mut out, &[part], &[whole], Shape::Stands, stretches)?;
            }
        }
        let series = out.into_iter();
        Ok(series
            .map(|(series, values)| json!({"series": series, "values": values}))
            .collect())
    }

    /// Spreads amounts over a series of each selection.
    fn spread(
        &self,
        out: &mut BTreeMap<String, String>,
        of: &[Selection],
        suffix: &str,
        shape: Shape,
        stretches: &[Stretch],
        amounts: &[f64],
    ) -> Result<(), Failure> {
        let mut names = Vec::new();
        for selection in of {
            let metric = query::metric(self.manifest, &selection.metric)?;
            let labels = within(metric, &[selection]).ok_or_else(|| never(selection))?;
            let name = self.name(metric, suffix, &labels, None);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let parts = names.len() as f64;
        let amounts: Vec<_> = amounts.iter().map(|amount| amount / parts).collect();
        for name in names {
            out.insert(name, values(shape, stretches, &amounts));
        }
        Ok(())
    }

    /// Series of a part and of the rest of a whole.
    fn divided(
        &self,
        out: &mut BTreeMap<String, String>,
        part: &[&Selection],
        whole: &[&Selection],
        shape: Shape,
        stretches: &[Stretch],
    ) -> Result<(), Failure> {
        let (mut inside, mut beside, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for selection in part {
            let metric = query::metric(self.manifest, &selection.metric)?;
            let mut wholes = whole
                .iter()
                .filter(|whole| whole.metric == selection.metric);
            if let Some(labels) = wholes.find_map(|whole| within(metric, &[selection, whole])) {
                inside.push(self.name(metric, "_count", &labels, None));
            } else {
                let labels = within(metric, &[selection]).ok_or_else(|| never(selection))?;
                beside.push(self.name(metric, "_count", &labels, None));
            }
        }
        for selection in whole {
            let metric = query::metric(self.manifest, &selection.metric)?;
            let parts = part.iter().filter(|part| part.metric == selection.metric);
            let parts: Vec<_> = parts.copied().collect();
            if let Some(labels) = outside(metric, selection, &parts) {
                rest.push(self.name(metric, "_count", &labels, None));
            }
        }
        if rest.is_empty() {
            return Err(Failure::new(
                "the part is the whole: their share is always 1",
            ));
        }
        let within_whole = !inside.is_empty();
        let parts = if within_whole { inside } else { beside };
        let there = traffic(stretches);
        let share = |n: usize| amount(&stretches[n]) * there[n];
        let split = |names: usize, f: &dyn Fn(usize) -> f64| -> Vec<f64> {
            (0..stretches.len()).map(|n| f(n) / names as f64).collect()
        };
        if self.part {
            let amounts = split(parts.len(), &share);
            for name in &parts {
                out.insert(name.clone(), values(shape, stretches, &amounts));
            }
        }
        let others = |n: usize| there[n] - if within_whole { share(n) } else { 0.0 };
        let amounts = split(rest.len(), &others);
        for name in &rest {
            out.insert(name.clone(), values(shape, stretches, &amounts));
        }
        Ok(())
    }

    /// Buckets of values that are all one: a bound at the value, and one half an octave below it.
    fn buckets(
        &self,
        out: &mut BTreeMap<String, String>,
        of: &Selection,
        stretches: &[Stretch],
    ) -> Result<(), Failure> {
        let metric = query::metric(self.manifest, &of.metric)?;
        let labels = within(metric, &[of]).ok_or_else(|| never(of))?;
        let there = traffic(stretches);
        let mut bounds = vec![f64::INFINITY];
        for stretch in stretches {
            let value = amount(stretch);
            bounds.extend(
                [value * 0.5_f64.sqrt(), value]
                    .into_iter()
                    .filter(|bound| *bound > 0.0),
            );
        }
        for bound in bounds {
            let within = |n: usize| {
                if amount(&stretches[n]) <= bound {
                    there[n]
                } else {
                    0.0
                }
            };
            let amounts: Vec<_> = (0..stretches.len()).map(within).collect();
            let name = self.name(metric, "_bucket", &labels, Some(bound));
            out.insert(name, values(Shape::Grows, stretches, &amounts));
        }
        Ok(())
    }

    /// Calls of which the value says the part that takes longer than a bound.
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
            json!({"series": name, "values": values(Shape::Grows, stretches, amounts)})
        };
        vec![
            series("_bucket", Some(bound), &fast),
            series("_bucket", Some(f64::INFINITY), &all),
            series("_count", None, &all),
        ]
    }

    /// `name{label="value"}`.
    fn name(&self, metric: &Metric, suffix: &str, labels: &Labels, bound: Option<f64>) -> String {
        let suffix = if metric.kind == Kind::Histogram {
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

fn never(selection: &Selection) -> Failure {
    let metric = &selection.metric;
    Failure::new(format!(
        "no series of `{metric}` can be what the query asks for: the alert would never fire"
    ))
}

/// What the query's value is; nothing is nought.
fn amount(stretch: &Stretch) -> f64 {
    match stretch.what {
        What::Value(value) => value,
        What::Nothing | What::Missing => 0.0,
    }
}

/// How much of anything there is.
fn traffic(stretches: &[Stretch]) -> Vec<f64> {
    let traffic = |stretch: &Stretch| match stretch.what {
        What::Value(_) => TRAFFIC,
        What::Nothing | What::Missing => 0.0,
    };
    stretches.iter().map(traffic).collect()
}

/// Without the last digits, which binary fractions leave behind.
fn tidy(number: f64) -> f64 {
    format!("{number:.12e}").parse().unwrap_or(number)
}

/// Samples in promtool's notation: `7+2x10`, `_x10`.
fn values(shape: Shape, stretches: &[Stretch], amounts: &[f64]) -> String {
    let mut text = Vec::new();
    let mut last = BEGIN;
    for (stretch, amount) in stretches.iter().zip(amounts) {
        let amount = tidy(*amount);
        let more = stretch.steps.saturating_sub(1);
        match (stretch.what, shape) {
            (What::Missing, _) => {
                text.push(format!("_x{}", stretch.steps));
                last = 0.0;
            }
            (_, Shape::Stands) => text.push(format!("{amount}+0x{more}")),
            (_, Shape::Grows) => {
                let first = if stretch.restart {
                    amount
                } else {
                    tidy(last + amount)
                };
                text.push(format!("{first}+{amount}x{more}"));
                last = first + amount * more as f64;
            }
        }
    }
    text.join(" ")
}
