//! Alerts that were removed, or have a lower severity.

use super::super::finding::Finding;
use super::difference::missing;
use instrumental_manifest::{Alert, Manifest};

pub(super) fn check(old: &Manifest, new: &Manifest) -> Vec<Finding> {
    let same = |a: &Alert, b: &Alert| a.name == b.name;
    let mut findings = Vec::new();
    for alert in missing(&old.alerts, &new.alerts, same) {
        let message = format!("the {} alert `{}` was removed", alert.severity, alert.name);
        findings.push(Finding::warning("removed", &alert.place, message));
    }
    for alert in missing(&new.alerts, &old.alerts, same) {
        let message = format!("the {} alert `{}` is new", alert.severity, alert.name);
        findings.push(Finding::note("added", &alert.place, message));
    }
    for after in &new.alerts {
        let before = old.alerts.iter().find(|before| same(before, after));
        if let Some(before) = before.filter(|before| before.severity < after.severity) {
            let message = format!(
                "the alert `{}` was {} and is {}",
                after.name, before.severity, after.severity
            );
            findings.push(Finding::warning("weakened", &after.place, message));
        }
    }
    findings
}
