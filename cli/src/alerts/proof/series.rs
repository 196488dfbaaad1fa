//! Series from which a query has a given value.

use super::drawing::Drawing;
use super::labels::{Labels, within};
use crate::failure::Failure;
use crate::manifest::{Kind, Manifest, Metric, Query, Selection};
use crate::query::promql::{selector, string};
use serde_json::{Value, json};

/// What counters begin with: a program has been running for some time.
const BEGIN: f64 = 7.0;
/// Events or units a step that shares are made of.
pub(super) const TRAFFIC: f64 = 100.0;

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
pub(super) enum Shape {
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
        let series = Drawing::of(self, query, stretches)?.into_iter();
        Ok(series
            .map(|(series, values)| json!({"series": series, "values": values}))
            .collect())
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
    pub(super) fn name(
        &self,
        metric: &Metric,
        suffix: &str,
        labels: &Labels,
        bound: Option<f64>,
    ) -> String {
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

/// What the query's value is; nothing is nought.
pub(super) fn amount(stretch: &Stretch) -> f64 {
    match stretch.what {
        What::Value(value) => value,
        What::Nothing | What::Missing => 0.0,
    }
}

/// How much of anything there is.
pub(super) fn traffic(stretches: &[Stretch]) -> Vec<f64> {
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
pub(super) fn values(shape: Shape, stretches: &[Stretch], amounts: &[f64]) -> String {
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
