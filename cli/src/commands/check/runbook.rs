//! Whether the runbook of an alert exists.

use std::path::{Path, PathBuf};

/// Returns what is wrong with a runbook, or `None` if it exists or is on the web.
pub(super) fn fault(runbook: &str, alert_file: &str, current: &Path) -> Option<String> {
    if runbook.is_empty() || runbook.contains("://") {
        return None;
    }
    let (path, heading) = match runbook.split_once('#') {
        Some((path, heading)) => (path, Some(heading)),
        None => (runbook, None),
    };
    let found = folders(alert_file, current)
        .into_iter()
        .map(|folder| folder.join(path))
        .find(|file| file.is_file());
    let Some(file) = found else {
        return Some(format!("its runbook `{path}` does not exist"));
    };
    let heading = heading?;
    let Ok(text) = std::fs::read_to_string(&file) else {
        return Some(format!("its runbook `{path}` cannot be read"));
    };
    let has = anchors(&text).iter().any(|anchor| anchor == heading);
    (!has).then(|| format!("its runbook `{path}` has no heading `#{heading}`"))
}

/// Returns the folders at which a path may start: the workspace, the package, and any folder above the alert's file.
fn folders(alert_file: &str, current: &Path) -> Vec<PathBuf> {
    let mut roots = Vec::new();
    for folder in current.ancestors() {
        roots.push(folder.to_owned());
        if folder.join("Cargo.lock").is_file() {
            break;
        }
    }
    // Outside of a workspace, only the folder itself.
    if !roots
        .last()
        .is_some_and(|root| root.join("Cargo.lock").is_file())
    {
        roots.truncate(1);
    }
    let within = Path::new(alert_file).ancestors().skip(1);
    let within: Vec<_> = within
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect();
    let packages = roots
        .iter()
        .flat_map(|root| within.iter().map(|folder| root.join(folder)));
    roots.iter().cloned().chain(packages).collect()
}

/// Returns the anchors of a Markdown file's headings, as GitHub and GitLab generate them.
fn anchors(text: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        let level = line.len() - line.trim_start_matches('#').len();
        let title = line[level..].trim();
        if in_code || !(1..=6).contains(&level) || title.is_empty() {
            continue;
        }
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let same = anchors.iter().filter(|known| {
            known.strip_prefix(&anchor).is_some_and(|rest| {
                rest.is_empty()
                    || rest
                        .strip_prefix('-')
                        .is_some_and(|n| n.parse::<u32>().is_ok())
            })
        });
        anchors.push(match same.count() {
            0 => anchor,
            n => format!("{anchor}-{n}"),
        });
    }
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_github() {
        let text = "# Payments: what to do?\n```sh\n# no heading\n```\n## Payments\n#tag\n## Payments\n####### no";
        assert_eq!(
            anchors(text),
            ["payments-what-to-do", "payments", "tag", "payments-1"]
        );
    }
}
