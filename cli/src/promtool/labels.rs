//! Labels of series that a selection includes or excludes.

use instrumental_manifest::{Label, MatchOperator, Matcher, Metric, Selection};
use std::collections::BTreeMap;

/// Labels by their names in Prometheus.
pub(super) type Labels = BTreeMap<String, String>;

/// A matcher, and whether it must match.
type Constraint<'a> = (&'a Matcher, bool);

/// Returns labels that match all selections, or `None` if no labels do.
pub(super) fn within(metric: &Metric, selections: &[&Selection]) -> Option<Labels> {
    let constraints = selections.iter().flat_map(|one| &one.matchers);
    solve(
        metric,
        &constraints
            .map(|matcher| (matcher, true))
            .collect::<Vec<_>>(),
    )
}

/// Returns labels that match the whole, but none of the parts.
pub(super) fn outside(metric: &Metric, whole: &Selection, parts: &[&Selection]) -> Option<Labels> {
    let constraints: Vec<Constraint<'_>> = whole
        .matchers
        .iter()
        .map(|matcher| (matcher, true))
        .collect();
    outside_of_all(metric, constraints, parts)
}

/// Labels are outside of a part if one of its matchers does not match, so each matcher is tried.
fn outside_of_all<'a>(
    metric: &Metric,
    constraints: Vec<Constraint<'a>>,
    parts: &[&'a Selection],
) -> Option<Labels> {
    let Some((part, others)) = parts.split_first() else {
        return solve(metric, &constraints);
    };
    part.matchers.iter().find_map(|matcher| {
        let mut constraints = constraints.clone();
        constraints.push((matcher, false));
        outside_of_all(metric, constraints, others)
    })
}

fn solve(metric: &Metric, constraints: &[Constraint<'_>]) -> Option<Labels> {
    let mut labels = Labels::new();
    for label in &metric.labels {
        labels.insert(label.prometheus.clone(), value(label, constraints)?);
    }
    Some(labels)
}

/// Returns a value of the label that satisfies all constraints.
fn value(label: &Label, constraints: &[Constraint<'_>]) -> Option<String> {
    let constraints: Vec<_> = constraints
        .iter()
        .filter(|(matcher, _)| matcher.label == label.name)
        .collect();
    let named = constraints.iter().flat_map(|(matcher, _)| &matcher.values);
    // For a prefix, the prefix itself and a status code.
    let longer = named.clone().map(|value| format!("{value}00"));
    let others = ["other", "another"].map(str::to_owned);
    let mut candidates = named
        .cloned()
        .chain(label.values.iter().cloned())
        .chain(longer)
        .chain(others);
    candidates.find(|value| {
        constraints
            .iter()
            .all(|(matcher, must_match)| matches(matcher, value) == *must_match)
    })
}

fn matches(matcher: &Matcher, value: &String) -> bool {
    match matcher.is {
        MatchOperator::In => matcher.values.contains(value),
        MatchOperator::NotIn => !matcher.values.contains(value),
        MatchOperator::Prefix => matcher
            .values
            .iter()
            .any(|begin| value.starts_with(begin.as_str())),
    }
}
