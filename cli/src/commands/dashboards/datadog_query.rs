//! The queries of a widget, and the formula that combines them. A ratio over a day must divide the sums of the day; the
//! average of momentary ratios is a different number.

use super::panel::{Over, Panel, Past, Series, Slo, Source, View};
use super::signals::{calls_of, failed_calls};
use crate::error::Error;
use crate::query::datadog::{Scope, tag};
use instrumental_manifest::{Function, Manifest, Objective, Query, Selection};
use serde_json::{Value, json};

/// A formula and its queries.
pub(super) struct Request {
    pub queries: Vec<Value>,
    pub formula: String,
}

/// Collects queries and names them.
struct Asking<'a> {
    manifest: &'a Manifest,
    panel: &'a Panel,
    by: Vec<&'a str>,
    queries: Vec<Value>,
}

/// Returns the queries of a series, or `None` if Datadog lacks the data.
pub(super) fn ask(
    manifest: &Manifest,
    panel: &Panel,
    series: &Series,
) -> Result<Option<Request>, Error> {
    let mut asking = Asking {
        manifest,
        panel,
        by: series.by.iter().map(String::as_str).collect(),
        queries: Vec::new(),
    };
    let formula = match &series.source {
        Source::Signal(query) => {
            let formula = asking.signal(query)?;
            match series.past {
                Some(Past { seconds, factor }) => {
                    format!("{factor} * timeshift({formula}, -{})", seconds.round())
                }
                None => formula,
            }
        }
        Source::Uptime => asking.uptime(),
        Source::Budget {
            function,
            objective,
            slo,
        } => match asking.budget(function, objective, *slo)? {
            Some(formula) => formula,
            None => return Ok(None),
        },
        Source::Firing => return Ok(None),
    };
    Ok(Some(Request {
        queries: asking.queries,
        formula,
    }))
}

/// Returns the tags of all displayed series.
fn scope(manifest: &Manifest) -> [String; 3] {
    [
        tag("service", &manifest.service.name),
        "$env".into(),
        "$version".into(),
    ]
}

impl Asking<'_> {
    fn signal(&mut self, query: &Query) -> Result<String, Error> {
        let increase = |one: &Selection| Query::Increase {
            of: vec![one.clone()],
        };
        let total = |one: &Selection| Query::Total {
            of: vec![one.clone()],
        };
        match query {
            Query::Rate { of } if self.number() => {
                let events = self.sum(of, increase)?;
                Ok(format!("{events} / {}", self.seconds()))
            }
            Query::Rate { of } => self.sum(of, |one| Query::Rate {
                of: vec![one.clone()],
            }),
            Query::Increase { of } => {
                let sum = self.sum(of, increase)?;
                Ok(self.or_none(sum))
            }
            Query::Total { of } => {
                let sum = self.sum(of, total)?;
                Ok(self.or_none(sum))
            }
            Query::Share { part, whole } => {
                let (part, whole) = (self.sum(part, increase)?, self.sum(whole, increase)?);
                // A numerator without data is 0.
                let part = match part.starts_with('(') {
                    true => part,
                    false => format!("default_zero({part})"),
                };
                Ok(format!("{part} / {whole}"))
            }
            Query::Average { of } => {
                let of = std::slice::from_ref(of);
                let (sum, count) = (self.sum(of, total)?, self.sum(of, increase)?);
                Ok(format!("{sum} / {count}"))
            }
            Query::Quantile { .. } => self.one(query, "percentile"),
            Query::Level { .. } => self.one(query, "last"),
            Query::Fraction { part, whole } => {
                let level = |of: &Selection| Query::Level { of: of.clone() };
                let part = self.one(&level(part), "last")?;
                let whole = self.one(&level(whole), "last")?;
                Ok(format!("default_zero({part}) / {whole}"))
            }
        }
    }

    /// A count without data is 0.
    fn or_none(&self, sum: String) -> String {
        match self.panel.over == Over::Day && !sum.starts_with('(') {
            true => format!("default_zero({sum})"),
            false => sum,
        }
    }

    fn number(&self) -> bool {
        self.panel.view != View::Lines
    }

    /// Returns the time range of a number: [`live_span`].
    fn seconds(&self) -> u32 {
        match self.panel.over {
            Over::Day => 86_400,
            _ => 300,
        }
    }

    fn sum(
        &mut self,
        of: &[Selection],
        each: impl Fn(&Selection) -> Query,
    ) -> Result<String, Error> {
        let mut parts = Vec::new();
        for selection in of {
            parts.push(self.one(&each(selection), "sum")?);
        }
        // A sum with one term without data has no value.
        Ok(match parts.as_slice() {
            [one] => one.clone(),
            _ => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|part| format!("default_zero({part})"))
                    .collect();
                format!("({})", parts.join(" + "))
            }
        })
    }

    /// Adds a query of one metric, and returns its name.
    fn one(&mut self, query: &Query, aggregator: &str) -> Result<String, Error> {
        let scope = scope(self.manifest);
        let text = Scope {
            manifest: self.manifest,
            by: &self.by,
            of: &scope,
            rollup: None,
            absent_is_zero: false,
            ago: None,
        }
        .query(query)?;
        Ok(self.push(
            text,
            aggregator,
            matches!(query, Query::Increase { .. } | Query::Total { .. }),
        ))
    }

    fn push(&mut self, mut text: String, aggregator: &str, counts: bool) -> String {
        if let (Over::Window(seconds), View::Lines, true) =
            (self.panel.over, self.panel.view, counts)
        {
            text.push_str(&format!(".rollup(sum, {})", seconds.max(1.0).round()));
        }
        let name = format!("query{}", self.queries.len() + 1);
        let mut query = json!({"data_source": "metrics", "name": name, "query": text});
        if self.number() {
            query["aggregator"] = json!(aggregator);
        }
        self.queries.push(query);
        name
    }

    /// Datadog does not poll programs. The library always counts what it sends, so the uptime is the ratio of minutes in
    /// which a count arrived.
    fn uptime(&mut self) -> String {
        let scope = scope(self.manifest).join(" AND ");
        let sent =
            format!("sum:datadog.dogstatsd.client.metrics{{{scope} AND client:instrumental}}");
        let minutes = format!("clamp_max(default_zero({sent}.as_count().rollup(sum, 60)), 1)");
        self.push(minutes, "avg", false)
    }

    /// Returns the remaining error budget of calls that succeed. Distributions cannot count the calls above a duration.
    fn budget(
        &mut self,
        function: &Function,
        objective: &Objective,
        slo: Slo,
    ) -> Result<Option<String>, Error> {
        // Six digits suffice for any objective, and hide the error of binary fractions.
        let allowed = ((1.0 - objective.success_percent / 100.0) * 1e6).round() / 1e6;
        if slo != Slo::Success || allowed <= 0.0 {
            return Ok(None);
        }
        let calls = calls_of(&[function]);
        let share = self.signal(&Query::Share {
            part: vec![failed_calls(calls.clone())],
            whole: vec![calls],
        })?;
        Ok(Some(format!("1 - {share} / {allowed}")))
    }
}

/// Returns the time range of a number.
pub(super) fn live_span(panel: &Panel) -> Option<&'static str> {
    let budget = panel
        .series
        .iter()
        .any(|series| matches!(series.source, Source::Budget { .. }));
    match panel.over {
        _ if panel.view == View::Lines => None,
        _ if budget => Some("1mo"),
        Over::Day => Some("1d"),
        _ => Some("5m"),
    }
}
