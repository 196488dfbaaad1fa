//! Declarations of alerts.

use std::time::Duration;

/// The severity of an alert, which decides who is notified.
///
/// ```
/// use instrumental::alerts::Severity;
/// assert_eq!(Severity::P1.as_str(), "P1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Critical: pages the engineer on call and posts to chat.
    P1,
    /// High: posts to chat and sends mail.
    P2,
    /// Medium: posts to chat.
    P3,
    /// Low: shown on the dashboards.
    P4,
}

impl Severity {
    /// Returns `P1` to `P4`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
        }
    }
}

/// The declaration of an alert, as an expansion writes it.
#[derive(Clone, Copy, Debug)]
pub struct AlertSpec {
    /// Name of its function.
    pub name: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// What it means.
    pub summary: &'static str,
    /// Its effect on users.
    pub impact: &'static str,
    /// The owning team.
    pub owner: &'static str,
    /// Link to the instructions for the engineer on call.
    pub runbook: &'static str,
    /// Receivers in addition to those of the severity.
    pub notify: &'static [&'static str],
    /// When it fires.
    pub condition: fn() -> Condition,
    /// Source file.
    pub file: &'static str,
    /// Source line.
    pub line: u32,
    /// Module.
    pub module: &'static str,
}

/// The condition under which an alert fires; the return type of `#[alert]` functions.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a condition is what an `#[alert]` function returns"]
pub struct Condition {
    pub(crate) query: Expression,
    pub(crate) window: Duration,
    pub(crate) compare: Compare,
    pub(crate) threshold: f64,
    /// UCUM code of the threshold.
    pub(crate) unit: &'static str,
    pub(crate) lasting: Duration,
    /// If set, the query is compared with its own value that long ago, and the threshold is a factor.
    pub(crate) past: Option<Duration>,
    /// Signals that it names but that are not recorded.
    pub(crate) unresolved: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Above,
    Below,
    Absent,
}

/// A number computed from signals.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Rate(Vec<Selection>),
    Increase(Vec<Selection>),
    Share(Vec<Selection>, Vec<Selection>),
    Quantile(f64, Selection),
    Average(Selection),
    Total(Vec<Selection>),
    Level(Selection),
    Fraction(Selection, Selection),
}

/// A selection of series of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    pub(crate) metric: &'static str,
    pub(crate) matchers: Vec<Matcher>,
    /// Why nothing is selected.
    pub(crate) unresolved: Option<String>,
}

/// A condition on a label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matcher {
    pub(crate) label: &'static str,
    pub(crate) is: Is,
    pub(crate) values: Vec<String>,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Is {
    /// It is one of the values.
    In,
    /// It begins with one of the values.
    Prefix,
}

/// Returns whether a Markdown text has a heading that `#anchor` links to. Follows GitHub's rule for anchors: lower case,
/// spaces become hyphens, punctuation is removed.
#[must_use]
pub const fn has_heading(markdown: &[u8], anchor: &[u8]) -> bool {
    let mut at = 0;
    while at < markdown.len() {
        let mut end = at;
        while end < markdown.len() && markdown[end] != b'\n' {
            end += 1;
        }
        if markdown[at] == b'#' && is_anchor(markdown, at, end, anchor) {
            return true;
        }
        at = end + 1;
    }
    false
}

const fn is_anchor(markdown: &[u8], mut at: usize, mut end: usize, anchor: &[u8]) -> bool {
    while at < end && markdown[at] == b'#' {
        at += 1;
    }
    while at < end && markdown[at].is_ascii_whitespace() {
        at += 1;
    }
    while end > at && markdown[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    let mut matched = 0;
    while at < end {
        let slug = match markdown[at] {
            b' ' => b'-',
            byte if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte >= 128 => {
                byte.to_ascii_lowercase()
            }
            _ => 0,
        };
        at += 1;
        if slug == 0 {
            continue;
        }
        if matched == anchor.len() || anchor[matched] != slug {
            return false;
        }
        matched += 1;
    }
    matched == anchor.len()
}

#[cfg(test)]
mod tests {
    use super::has_heading;

    #[test]
    fn headings_are_found_by_their_anchor() {
        let text = b"# On call\n\n## Payments: are they down? \r\nsee # no heading\n### a_b";
        for (anchor, found) in [
            ("on-call", true),
            ("payments-are-they-down", true),
            ("a_b", true),
            ("payments", false),
            ("no-heading", false),
            ("", false),
        ] {
            assert_eq!(has_heading(text, anchor.as_bytes()), found, "{anchor}");
        }
    }
}
