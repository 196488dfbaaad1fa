//! Alerts: their declarations and tests.

use super::evidence::{Finding, fail, ok, person};
use instrumental_manifest::{Alert, Severity};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Checks that there are alerts, and that each is complete.
pub(super) fn declared(alerts: &[Alert]) -> Finding {
    if alerts.is_empty() {
        return fail(
            "the program declares no alert",
            "declare alerts: functions with `#[alert]` that return a condition",
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
                lacking.push(format!("`{}` pages, but has no runbook", alert.name));
            }
            if alert.owner.is_empty() {
                lacking.push(format!("`{}` pages, but has no owner", alert.name));
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
        "{} are declared, {pages} of which page; all of their metrics are recorded",
        alerts.len()
    ))
}

/// Checks that the alerts fire when they should, with the generated tests and promtool.
pub(super) fn firing(alerts: &[Alert], folder: Option<&Path>) -> Finding {
    if alerts.is_empty() {
        return fail("there are no alerts", "declare alerts");
    }
    let todo = "run `cargo instrumental alerts`, then this command with --alerts and its folder; and check that a test alert \
                arrives";
    let Some(folder) = folder else {
        return person("the tests were not run without --alerts", todo);
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
                "promtool is not installed, so the tests were not run",
                "install promtool (part of Prometheus), and run this again",
            );
        }
    };
    if output.status.success() {
        return ok(format!(
            "promtool ran {} files of tests: every alert fires when it should, and only then",
            tests.len()
        ));
    }
    let output = [output.stdout, output.stderr].concat();
    fail(
        format!("promtool: {}", String::from_utf8_lossy(&output).trim()),
        "correct the alert that fails",
    )
}

/// Returns the test files in a folder and its subfolders.
fn tests(folder: &Path) -> Vec<PathBuf> {
    let is_test = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().ends_with("_test.yml")
    };
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            // Symbolic links are not followed, so the search ends.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ => found.push(entry.path()),
            }
        }
    }
    found.retain(is_test);
    found.sort();
    found
}
