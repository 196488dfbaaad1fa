//! Alerts: declared whole, and tested.

use super::known::{Result, fail, ok, person};
use crate::manifest::{Alert, Severity};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether there are alerts, and each is whole.
pub(super) fn declared(alerts: &[Alert]) -> Result {
    if alerts.is_empty() {
        return fail(
            "the program declares no alert",
            "declare them: a function with `#[alert]` that returns a condition",
        );
    }
    let mut lacking = Vec::new();
    for alert in alerts {
        lacking.extend(
            alert
                .unresolved
                .iter()
                .map(|what| format!("`{}`: {what}", alert.name)),
        );
        if alert.severity == Severity::P1 {
            if alert.runbook.is_empty() {
                lacking.push(format!(
                    "`{}` pages somebody and has no runbook",
                    alert.name
                ));
            }
            if alert.owner.is_empty() {
                lacking.push(format!(
                    "`{}` pages somebody and nobody owns it",
                    alert.name
                ));
            }
        }
    }
    if !lacking.is_empty() {
        return fail(lacking.join("; "), "correct the declarations");
    }
    let pages = alerts
        .iter()
        .filter(|alert| alert.severity == Severity::P1)
        .count();
    ok(format!(
        "{} are declared, {pages} of which page; every metric they name is recorded",
        alerts.len()
    ))
}

/// Whether the alerts fire when they should: promtool runs the tests that stand beside the rules.
pub(super) fn firing(alerts: &[Alert], folder: Option<&Path>) -> Result {
    if alerts.is_empty() {
        return fail("there is no alert to fire", "declare alerts");
    }
    let todo = "run `cargo instrumental alerts`, then this with --alerts and the folder it wrote; and see one test alert \
                arrive where alerts are sent";
    let Some(folder) = folder else {
        return person(
            "their tests were not run: no folder of rules was named",
            todo,
        );
    };
    let tests = tests(folder);
    if tests.is_empty() {
        return fail(
            format!(
                "there are no tests of rules (`*_test.yml`) in {}",
                folder.display()
            ),
            todo,
        );
    }
    let mut command = Command::new("promtool");
    let output = match command.args(["test", "rules"]).args(&tests).output() {
        Ok(output) => output,
        Err(_) => {
            return person(
                "promtool is not installed: their tests were not run",
                "install promtool (it comes with Prometheus), and run this again",
            );
        }
    };
    if output.status.success() {
        return ok(format!(
            "promtool ran {} files of tests: every alert fires when it should, and is silent when it should be",
            tests.len()
        ));
    }
    let said = [output.stdout, output.stderr].concat();
    fail(
        format!("promtool: {}", String::from_utf8_lossy(&said).trim()),
        "correct the alert that fails",
    )
}

/// Files of tests, in the folder and one below.
fn tests(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let mut found: Vec<PathBuf> = entries(folder);
    let below: Vec<PathBuf> = found
        .iter()
        .filter(|path| path.is_dir())
        .flat_map(|path| entries(path))
        .collect();
    found.extend(below);
    found.retain(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().ends_with("_test.yml"))
    });
    found.sort();
    found
}
