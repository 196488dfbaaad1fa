//! Whether a runbook is where an alert says it is.

use std::path::{Path, PathBuf};

/// Why it is not; `None`: it is, or it is on the web.
pub(super) fn fault(runbook: &str, file_of_alert: &str, here: &Path) -> Option<String> {
    if runbook.is_empty() || runbook.contains("://") {
        return None;
    }
    let (path, heading) = match runbook.split_once('#') {
        Some((path, heading)) => (path, Some(heading)),
        None => (runbook, None),
    };
    let found = folders(file_of_alert, here)
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

/// Where a path may begin: at the workspace, at the package, at any folder above the alert's file.
fn folders(file_of_alert: &str, here: &Path) -> Vec<PathBuf> {
    let mut roots = Vec::new();
    for folder in here.ancestors() {
        roots.push(folder.to_owned());
        if folder.join("Cargo.lock").is_file() {
            break;
        }
    }
    // Nothing of a workspace here: the folder itself.
    if !roots
        .last()
        .is_some_and(|root| root.join("Cargo.lock").is_file())
    {
        roots.truncate(1);
    }
    let within = Path::new(file_of_alert).ancestors().skip(1);
    let within: Vec<_> = within
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect();
    let packages = roots
        .iter()
        .flat_map(|root| within.iter().map(|folder| root.join(folder)));
    roots.iter().cloned().chain(packages).collect()
}

/// Anchors of a Markdown file's headings, as GitHub and GitLab make them.
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
    fn anchors_are_made_as_github_makes_them() {
        let text = "# Payments: what to do?\n```sh\n# no heading\n```\n## Payments\n#tag\n## Payments\n####### no";
        assert_eq!(
            anchors(text),
            ["payments-what-to-do", "payments", "tag", "payments-1"]
        );
    }
}
