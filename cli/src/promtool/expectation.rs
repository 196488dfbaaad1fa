//! What a test expects.

use crate::rules::Rule;
use serde_json::{Map, Value, json};

/// Returns the alert that a rule fires.
pub(super) fn expected(rule: &Rule, service: &str) -> Value {
    let labels = rule.labels(service).into_iter();
    let labels: Map<String, Value> = labels.map(|(name, value)| (name, value.into())).collect();
    let annotations = rule.annotations.iter();
    let annotations: Map<String, Value> = annotations
        .map(|(name, text)| ((*name).to_owned(), text.as_str().into()))
        .collect();
    json!({"exp_labels": labels, "exp_annotations": annotations})
}
