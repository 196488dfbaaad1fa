//! Whether the runbook that an alert names is there: a page that is not found at night helps nobody.

use crate::alerts::words;
use crate::manifest::Alert;
use std::path::Path;

/// What is wrong with the runbook of an alert; nothing where it is an address, or where this is not the source's folder.
pub(crate) fn missing(alert: &Alert) -> Option<String> {
    let (path, anchor) = alert
        .runbook
        .split_once('#')
        .unwrap_or((&alert.runbook, ""));
    let source = Path::new(&alert.place.file);
    if path.is_empty() || path.contains("://") || !source.is_file() {
        return None;
    }
    let said = |what: String| {
        Some(format!(
            "{}: `{}`: {what}",
            words::source(alert),
            alert.name
        ))
    };
    // From the package, or from the workspace above it.
    let mut folders = source.ancestors().skip(1);
    let Some(found) = folders.find_map(|folder| std::fs::read_to_string(folder.join(path)).ok())
    else {
        return said(format!("there is no file `{path}` for its runbook"));
    };
    if anchor.is_empty() || headings(&found).any(|heading| heading == anchor) {
        return None;
    }
    said(format!("its runbook `{path}` has no heading `#{anchor}`"))
}

/// The anchors of a Markdown text's headings, as its readers make them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let titles = text.lines().filter(|line| line.starts_with('#'));
    titles.map(|title| {
        let title = title.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::tests::shop;

    #[test]
    fn a_runbook_that_is_not_there_is_told() {
        let mut alert = shop().alerts.remove(0);
        assert_eq!(missing(&alert), None, "its source is not here");
        // Tests run in the package's folder.
        alert.place.file = "src/runbook/heading.rs".into();
        alert.runbook = "docs/none.md".into();
        let told = missing(&alert).unwrap();
        assert!(
            told.ends_with("there is no file `docs/none.md` for its runbook"),
            "{told}"
        );
        alert.runbook = "../README.md#of-no-such-name".into();
        let told = missing(&alert).unwrap();
        assert!(
            told.ends_with("has no heading `#of-no-such-name`"),
            "{told}"
        );
        alert.runbook = "https://wiki.example/x#y".into();
        assert_eq!(missing(&alert), None);
        let anchors: Vec<_> =
            headings("# The Page\ntext\n## Pay-ments: down, or `slow`?\n").collect();
        assert_eq!(anchors, ["the-page", "pay-ments-down-or-slow"]);
    }
}
