//! What a change breaks for users of a saved manifest: dashboards, alerts, queries, objectives.

mod alerts;
mod difference;
mod events;
mod functions;
mod metrics;
mod nearest;
mod users;

use super::finding::Finding;
use instrumental_manifest::Manifest;
use users::Users;

pub(super) fn check(old: &Manifest, new: &Manifest) -> Vec<Finding> {
    let users = Users { old, new };
    let (mut findings, reported_metrics) = events::check(&users);
    findings.extend(metrics::check(&users, &reported_metrics));
    findings.extend(functions::check(&users));
    findings.extend(alerts::check(old, new));
    findings
}
