//! Prometheus' alerting rules.

use crate::deployment::Deployment;
use crate::describe;
use crate::error::Error;
use crate::query::promql::{Scope, duration, string};
use crate::routes::extra_recipients;
use instrumental_manifest::{Alert, Comparison, Condition, Query, Severity};
use serde_json::{Map, Value, json};

/// An alerting rule, in Prometheus' terms.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub name: String,
    pub expression: String,
    /// How long the expression must have a value before the alert fires, in seconds.
    pub lasting: f64,
    pub severity: Severity,
    /// The owner; empty if there is none.
    pub owner: String,
    /// Recipients in addition to those of the severity.
    pub notify: Vec<String>,
    /// Labels in addition to those that every rule has.
    pub labels: Vec<(String, String)>,
    pub annotations: Vec<(&'static str, String)>,
}

impl Rule {
    /// Returns the labels of the alert.
    pub(crate) fn labels(&self, service: &str) -> Vec<(String, String)> {
        let mut labels = vec![
            ("severity".to_owned(), self.severity.to_string()),
            ("service".to_owned(), service.to_owned()),
        ];
        let mut add = |name: &str, value: String| {
            if !value.is_empty() {
                labels.push((name.to_owned(), value));
            }
        };
        add("team", self.owner.clone());
        add("notify", self.notify.join(","));
        labels.extend(self.labels.iter().cloned());
        labels
    }

    /// Returns the rule as an item of Prometheus' configuration, in which labels and annotations are templates.
    pub(crate) fn value(&self, service: &str) -> Value {
        let labels = self.labels(service).into_iter();
        let labels: Map<String, Value> = labels.map(|(k, v)| (k, template(&v).into())).collect();
        let annotations = self.annotations.iter();
        let annotations: Map<String, Value> = annotations
            .map(|(name, text)| ((*name).to_owned(), template(text).into()))
            .collect();
        let mut rule = Map::new();
        rule.insert("alert".into(), self.name.as_str().into());
        rule.insert("expr".into(), self.expression.as_str().into());
        if self.lasting > 0.0 {
            rule.insert("for".into(), duration(self.lasting).into());
        }
        rule.insert("labels".into(), labels.into());
        rule.insert("annotations".into(), annotations.into());
        rule.into()
    }
}

/// Returns the rule of an alert.
pub(crate) fn of(deployment: &Deployment<'_>, alert: &Alert) -> Result<Rule, Error> {
    let with_place = |error| Error::new(format!("{}: {error}", alert.place.source()));
    let expression = expression(deployment, &alert.condition).map_err(with_place)?;
    let mut annotations = vec![
        ("summary", alert.summary.clone()),
        ("description", describe::condition(&alert.condition)),
        ("impact", alert.impact.clone()),
        ("runbook_url", deployment.runbook_link(&alert.runbook)),
        ("dashboard_url", deployment.dashboards_link()),
    ];
    annotations.retain(|(_, text)| !text.is_empty());
    annotations.push(("source", alert.place.source()));
    Ok(Rule {
        name: describe::alert_title(deployment.manifest, alert),
        expression,
        lasting: alert.condition.lasting,
        severity: alert.severity,
        owner: alert.owner.clone(),
        notify: extra_recipients(alert),
        labels: Vec::new(),
        annotations,
    })
}

/// Returns Prometheus' configuration of the rules.
pub(crate) fn file(deployment: &Deployment<'_>, rules: &[Rule]) -> Value {
    let service = &deployment.manifest.service.name;
    let rules: Vec<_> = rules.iter().map(|rule| rule.value(service)).collect();
    json!({"groups": [{"name": format!("{service} alerts"), "rules": rules}]})
}

/// Returns the condition as PromQL. The expression has a value while the condition holds.
fn expression(deployment: &Deployment<'_>, condition: &Condition) -> Result<String, Error> {
    let window = duration(condition.window);
    let scope = Scope {
        births: condition.past.is_none() && condition.compare != Comparison::Below,
        ..deployment.scope(&window)
    };
    let now = scope.query(&condition.query)?;
    let limit = match condition.past {
        None => condition.threshold.to_string(),
        Some(past) => {
            let past = duration(past);
            let then = Scope {
                offset: Some(&past),
                ..scope
            };
            let then = then.query(&condition.query)?;
            format!("{} * {then}", condition.threshold)
        }
    };
    // A counter without series has counted nothing.
    let is_count = matches!(
        condition.query,
        Query::Rate { .. } | Query::Increase { .. } | Query::Total { .. }
    );
    Ok(match condition.compare {
        Comparison::Above => format!("{now} > {limit}"),
        Comparison::Below if is_count => format!("({now} or vector(0)) < {limit}"),
        Comparison::Below => format!("{now} < {limit}"),
        Comparison::Absent => format!("({now} or vector(0)) == 0"),
    })
}

/// Returns a Go template that expands to a text.
pub(crate) fn template(text: &str) -> String {
    if text.contains("{{") {
        format!("{{{{ {} }}}}", string(text))
    } else {
        text.to_owned()
    }
}
