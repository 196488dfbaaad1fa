//! Draws the series of each kind of query.

use super::labels::{outside, within};
use super::series::{Shape, Source, Stretch, TRAFFIC, amount, traffic, values};
use crate::failure::Failure;
use crate::manifest::{Metric, Query, Selection};
use crate::query;
use std::collections::BTreeMap;

/// Series, with their samples in promtool's notation.
pub(super) struct Drawing<'a> {
    source: &'a Source<'a>,
    stretches: &'a [Stretch],
    series: BTreeMap<String, String>,
}

impl<'a> Drawing<'a> {
    /// Series from which the query has the values of the stretches.
    pub(super) fn of(
        source: &'a Source<'a>,
        query: &Query,
        stretches: &'a [Stretch],
    ) -> Result<BTreeMap<String, String>, Failure> {
        let mut drawing = Self {
            source,
            stretches,
            series: BTreeMap::new(),
        };
        drawing.query(query)?;
        Ok(drawing.series)
    }

    fn query(&mut self, query: &Query) -> Result<(), Failure> {
        let Source { step, window, .. } = *self.source;
        let stretches = self.stretches;
        let each = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
            stretches.iter().map(|one| of(amount(one))).collect()
        };
        let within_window = || each(&|value| value * step / window);
        match query {
            Query::Rate { of } => self.grows(of, "_count", &each(&|value| value * step)),
            Query::Increase { of } => self.grows(of, "_count", &within_window()),
            Query::Total { of } => self.grows(of, "_sum", &within_window()),
            Query::Level { of } => {
                let of = std::slice::from_ref(of);
                self.spread(of, "", Shape::Stands, &each(&|value| value))
            }
            Query::Average { of } => {
                let of = std::slice::from_ref(of);
                self.grows(of, "_sum", &each(&|value| value * TRAFFIC))?;
                self.grows(of, "_count", &traffic(stretches))
            }
            Query::Quantile { of, .. } => self.buckets(of),
            Query::Share { part, whole } => {
                let (part, whole): (Vec<_>, Vec<_>) =
                    (part.iter().collect(), whole.iter().collect());
                self.divided(&part, &whole, Shape::Grows)
            }
            Query::Fraction { part, whole } => self.divided(&[part], &[whole], Shape::Stands),
        }
    }

    fn metric(&self, selection: &Selection) -> Result<&'a Metric, Failure> {
        query::metric(self.source.manifest, &selection.metric)
    }

    fn grows(&mut self, of: &[Selection], suffix: &str, amounts: &[f64]) -> Result<(), Failure> {
        self.spread(of, suffix, Shape::Grows, amounts)
    }

    /// Spreads amounts over a series of each selection.
    fn spread(
        &mut self,
        of: &[Selection],
        suffix: &str,
        shape: Shape,
        amounts: &[f64],
    ) -> Result<(), Failure> {
        let mut names = Vec::new();
        for selection in of {
            let metric = self.metric(selection)?;
            let labels = within(metric, &[selection]).ok_or_else(|| never(selection))?;
            let name = self.source.name(metric, suffix, &labels, None);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        self.draw(names, shape, |n| amounts[n]);
        Ok(())
    }

    /// Draws series that share the amount of each stretch.
    fn draw(&mut self, names: Vec<String>, shape: Shape, amount: impl Fn(usize) -> f64) {
        let parts = names.len() as f64;
        let amounts: Vec<_> = (0..self.stretches.len())
            .map(|n| amount(n) / parts)
            .collect();
        let values = values(shape, self.stretches, &amounts);
        self.series
            .extend(names.into_iter().map(|name| (name, values.clone())));
    }

    /// Series of a part and of the rest of a whole.
    fn divided(
        &mut self,
        part: &[&Selection],
        whole: &[&Selection],
        shape: Shape,
    ) -> Result<(), Failure> {
        let (inside, beside) = self.parts(part, whole)?;
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
            return Err(Failure::new(
                "the part is the whole: their share is always 1",
            ));
        }
        let within_whole = !inside.is_empty();
        let (stretches, there) = (self.stretches, traffic(self.stretches));
        let share = |n: usize| amount(&stretches[n]) * there[n];
        if self.source.part {
            let parts = if within_whole { inside } else { beside };
            self.draw(parts, shape, share);
        }
        self.draw(rest, shape, |n| {
            there[n] - if within_whole { share(n) } else { 0.0 }
        });
        Ok(())
    }

    /// Series of the part: those within the whole, and those beside it.
    fn parts(
        &self,
        part: &[&Selection],
        whole: &[&Selection],
    ) -> Result<(Vec<String>, Vec<String>), Failure> {
        let (mut inside, mut beside) = (Vec::new(), Vec::new());
        for selection in part {
            let metric = self.metric(selection)?;
            let name = |labels| self.source.name(metric, "_count", labels, None);
            let mut wholes = whole
                .iter()
                .filter(|whole| whole.metric == selection.metric);
            if let Some(labels) = wholes.find_map(|whole| within(metric, &[selection, whole])) {
                inside.push(name(&labels));
            } else {
                let labels = within(metric, &[selection]).ok_or_else(|| never(selection))?;
                beside.push(name(&labels));
            }
        }
        Ok((inside, beside))
    }

    /// Buckets of values that are all one: a bound at the value, and one half an octave below it.
    fn buckets(&mut self, of: &Selection) -> Result<(), Failure> {
        let metric = self.metric(of)?;
        let labels = within(metric, &[of]).ok_or_else(|| never(of))?;
        let (stretches, there) = (self.stretches, traffic(self.stretches));
        let mut bounds = vec![f64::INFINITY];
        for value in stretches.iter().map(amount).filter(|value| *value > 0.0) {
            bounds.extend([value * 0.5_f64.sqrt(), value]);
        }
        for bound in bounds {
            let is_within = |n: usize| amount(&stretches[n]) <= bound;
            let name = self.source.name(metric, "_bucket", &labels, Some(bound));
            self.draw(vec![name], Shape::Grows, |n| {
                if is_within(n) { there[n] } else { 0.0 }
            });
        }
        Ok(())
    }
}

fn never(selection: &Selection) -> Failure {
    let metric = &selection.metric;
    Failure::new(format!(
        "no series of `{metric}` can be what the query asks for: the alert would never fire"
    ))
}
