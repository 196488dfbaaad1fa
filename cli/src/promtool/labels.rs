//! Labels of series that a selection takes in, or leaves out.

use instrumental_manifest::{Label, MatchOperator, Matcher, Metric, Selection};
use std::collections::BTreeMap;

/// Labels by their names in Prometheus.
pub(super) type Labels = BTreeMap<String, String>;

/// A matcher that has to hold, or not to.
type Wish<'a> = (&'a Matcher, bool);

/// Labels that all the selections' matchers take in; `None` where nothing can be in all of them.
pub(super) fn within(metric: &Metric, selections: &[&Selection]) -> Option<Labels> {
    let wishes = selections.iter().flat_map(|one| &one.matchers);
    solve(
        metric,
        &wishes.map(|matcher| (matcher, true)).collect::<Vec<_>>(),
    )
}

/// Labels that are in the whole, and in none of the parts.
pub(super) fn outside(metric: &Metric, whole: &Selection, parts: &[&Selection]) -> Option<Labels> {
    let wishes: Vec<Wish<'_>> = whole
        .matchers
        .iter()
        .map(|matcher| (matcher, true))
        .collect();
    apart(metric, wishes, parts)
}

/// To be outside of a part, one of its matchers must not hold: each is tried.
fn apart<'a>(metric: &Metric, wishes: Vec<Wish<'a>>, parts: &[&'a Selection]) -> Option<Labels> {
    let Some((part, others)) = parts.split_first() else {
        return solve(metric, &wishes);
    };
    part.matchers.iter().find_map(|matcher| {
        let mut wishes = wishes.clone();
        wishes.push((matcher, false));
        apart(metric, wishes, others)
    })
}

fn solve(metric: &Metric, wishes: &[Wish<'_>]) -> Option<Labels> {
    let mut labels = Labels::new();
    for label in &metric.labels {
        labels.insert(label.prometheus.clone(), value(label, wishes)?);
    }
    Some(labels)
}

/// A value of the label that all wishes agree with.
fn value(label: &Label, wishes: &[Wish<'_>]) -> Option<String> {
    let wishes: Vec<_> = wishes
        .iter()
        .filter(|(matcher, _)| matcher.label == label.name)
        .collect();
    let named = wishes.iter().flat_map(|(matcher, _)| &matcher.values);
    // A prefix by itself, and as the status codes have it.
    let longer = named.clone().map(|value| format!("{value}00"));
    let others = ["other", "another"].map(str::to_owned);
    let mut candidates = named
        .cloned()
        .chain(label.values.iter().cloned())
        .chain(longer)
        .chain(others);
    candidates.find(|value| {
        wishes
            .iter()
            .all(|(matcher, wish)| holds(matcher, value) == *wish)
    })
}

fn holds(matcher: &Matcher, value: &String) -> bool {
    match matcher.is {
        MatchOperator::In => matcher.values.contains(value),
        MatchOperator::NotIn => !matcher.values.contains(value),
        MatchOperator::Prefix => matcher
            .values
            .iter()
            .any(|begin| value.starts_with(begin.as_str())),
    }
}
