//! Prometheus' alerting rules.

use super::Context;
use super::routes::besides;
use crate::failure::Failure;
use crate::manifest::{Alert, Compare, Condition, Query, Severity};
use crate::query::promql::{Scope, duration, string};
use crate::words;
use serde_json::{Map, Value, json};

/// An alerting rule, in Prometheus' terms.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub name: String,
    pub expression: String,
    /// How long it must hold, in seconds.
    pub lasting: f64,
    pub severity: Severity,
    /// Empty: nobody is named.
    pub owner: String,
    pub notify: Vec<String>,
    /// Besides those that every rule has.
    pub labels: Vec<(String, String)>,
    pub annotations: Vec<(&'static str, String)>,
}

impl Rule {
    /// Labels as they are on the alert.
    pub(crate) fn labels(&self, service: &str) -> Vec<(String, String)> {
        let mut labels = vec![
            ("severity".to_owned(), format!("{:?}", self.severity)),
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

    /// As Prometheus reads it. Labels and annotations are templates there.
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

/// The rule of an alert.
pub(crate) fn of(context: &Context<'_>, alert: &Alert) -> Result<Rule, Failure> {
    let named = |failure| Failure::new(format!("{}: {failure}", alert.place.source()));
    let expression = expression(context, &alert.condition).map_err(named)?;
    let mut annotations = vec![
        ("summary", alert.summary.clone()),
        ("description", words::condition(&alert.condition)),
        ("impact", alert.impact.clone()),
        ("runbook_url", context.link(&alert.runbook)),
        ("dashboard_url", context.dashboard()),
    ];
    annotations.retain(|(_, text)| !text.is_empty());
    annotations.push(("source", alert.place.source()));
    Ok(Rule {
        name: words::title(context.manifest, alert),
        expression,
        lasting: alert.condition.lasting,
        severity: alert.severity,
        owner: alert.owner.clone(),
        notify: besides(alert),
        labels: Vec::new(),
        annotations,
    })
}

/// All rules as a file of Prometheus'.
pub(crate) fn file(context: &Context<'_>, rules: &[Rule]) -> Value {
    let service = &context.manifest.service.name;
    let rules: Vec<_> = rules.iter().map(|rule| rule.value(service)).collect();
    json!({"groups": [{"name": format!("{service} alerts"), "rules": rules}]})
}

/// The condition as PromQL: it has a value while it holds.
fn expression(context: &Context<'_>, condition: &Condition) -> Result<String, Failure> {
    let window = duration(condition.window);
    let scope = Scope {
        births: condition.past.is_none() && condition.compare != Compare::Below,
        ..context.scope(&window)
    };
    let now = scope.query(&condition.query)?;
    // What was never counted did not happen.
    let counted = matches!(
        condition.query,
        Query::Rate { .. } | Query::Increase { .. } | Query::Total { .. }
    );
    let or_none = |now: String| {
        if counted {
            format!("({now} or vector(0))")
        } else {
            now
        }
    };
    let limit = match condition.past {
        None => condition.threshold.to_string(),
        Some(past) => {
            let past = duration(past);
            let then = Scope {
                offset: Some(&past),
                ..scope
            };
            format!(
                "{} * {}",
                condition.threshold,
                then.query(&condition.query)?
            )
        }
    };
    Ok(match condition.compare {
        Compare::Above => format!("{now} > {limit}"),
        Compare::Below => format!("{} < {limit}", or_none(now)),
        Compare::Absent => format!("({now} or vector(0)) == 0"),
    })
}

/// A text as a template of Go's that expands to it.
pub(crate) fn template(text: &str) -> String {
    if text.contains("{{") {
        format!("{{{{ {} }}}}", string(text))
    } else {
        text.to_owned()
    }
}
