//! A strict parser of the page that Prometheus scrapes, in the classic text format (0.0.4).

use std::collections::{BTreeMap, HashSet};

/// The type of a metric family.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FamilyType {
    Counter,
    Gauge,
    Histogram,
    Summary,
    Untyped,
}

impl FamilyType {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "counter" => Self::Counter,
            "gauge" => Self::Gauge,
            "histogram" => Self::Histogram,
            "summary" => Self::Summary,
            "untyped" => Self::Untyped,
            _ => return None,
        })
    }
}

/// One line: a name, labels in the order of the page, a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) value: f64,
}

impl Sample {
    /// Returns the value of a label; empty if there is no such label.
    pub(crate) fn label(&self, key: &str) -> &str {
        let found = self.labels.iter().find(|(name, _)| name == key);
        found.map_or("", |(_, value)| value)
    }

    /// Returns all labels but one, sorted by name.
    pub(crate) fn labels_without(&self, key: &str) -> Vec<(&str, &str)> {
        let labels = self.labels.iter().filter(|(name, _)| name != key);
        let labels = labels.map(|(name, value)| (name.as_str(), value.as_str()));
        let mut labels: Vec<_> = labels.collect();
        labels.sort_unstable();
        labels
    }

    /// Whether the sample counts calls that failed or panicked.
    pub(crate) fn is_of_failures(&self) -> bool {
        matches!(self.label("outcome"), "error" | "panicked")
    }
}

/// A parsed page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    types: BTreeMap<String, FamilyType>,
    pub(crate) samples: Vec<Sample>,
}

impl Page {
    /// Returns the family of a sample: `x` for `x_bucket`, `x_sum` and `x_count` of a histogram.
    pub(crate) fn family<'a>(&self, name: &'a str) -> (&'a str, FamilyType) {
        if let Some(kind) = self.types.get(name) {
            return (name, *kind);
        }
        let ends = ["_bucket", "_sum", "_count"];
        let families = ends.iter().filter_map(|end| name.strip_suffix(end));
        let typed = families.filter_map(|name| Some((name, *self.types.get(name)?)));
        let mut families =
            typed.filter(|(_, kind)| matches!(kind, FamilyType::Histogram | FamilyType::Summary));
        families.next().unwrap_or((name, FamilyType::Untyped))
    }
}

/// Parses a page. The error names the line.
pub(crate) fn parse(text: &str) -> Result<Page, String> {
    if text.trim().is_empty() {
        return Err("the page is empty".into());
    }
    if !text.ends_with('\n') {
        return Err("the last line is incomplete".into());
    }
    let mut page = Page::default();
    let mut seen = HashSet::new();
    for (n, line) in text.lines().enumerate() {
        let fault = |why: String| format!("line {}: {why}", n + 1);
        let line = line.trim_matches([' ', '\t']);
        if let Some(comment) = line.strip_prefix('#') {
            type_of(comment, &mut page).map_err(fault)?;
        } else if !line.is_empty() {
            let sample = sample(line).map_err(fault)?;
            let mut labels = sample.labels.clone();
            labels.sort_unstable();
            if !seen.insert((sample.name.clone(), labels)) {
                return Err(fault(format!("duplicate series of `{}`", sample.name)));
            }
            page.samples.push(sample);
        }
    }
    if page.samples.is_empty() {
        return Err("the page has no samples".into());
    }
    Ok(page)
}

/// Records a `# TYPE name type` comment. Other comments are ignored.
fn type_of(comment: &str, page: &mut Page) -> Result<(), String> {
    let mut words = comment.split_whitespace();
    if words.next() != Some("TYPE") {
        return Ok(());
    }
    let (Some(name), Some(kind), None) = (words.next(), words.next(), words.next()) else {
        return Err("expected a name and a type after TYPE".into());
    };
    if !is_name(name, true) {
        return Err(format!("`{}` is not a metric name", short(name)));
    }
    let known =
        FamilyType::parse(kind).ok_or_else(|| format!("`{}` is not a metric type", short(kind)))?;
    match page.types.insert(name.to_owned(), known) {
        Some(_) => Err(format!("`{name}` has two types")),
        None => Ok(()),
    }
}

fn sample(line: &str) -> Result<Sample, String> {
    let end = line.find(['{', ' ', '\t']).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !is_name(name, true) {
        return Err(format!("`{}` is not a metric name", short(name)));
    }
    let rest = rest.trim_start_matches([' ', '\t']);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    let mut words = rest.split_whitespace();
    let value = words.next().ok_or("missing value")?;
    let number = value.parse::<f64>();
    let number = number.map_err(|_| format!("`{}` is not a number", short(value)))?;
    if let Some(time) = words.next()
        && time.parse::<i64>().is_err()
    {
        return Err(format!("`{}` is not a timestamp", short(time)));
    }
    match words.next() {
        Some(more) => Err(format!("unexpected `{}`", short(more))),
        None => Ok(Sample {
            name: name.to_owned(),
            labels,
            value: number,
        }),
    }
}

type Labels = Vec<(String, String)>;

/// Returns the labels up to `}`, and the text after it.
fn labels(text: &str) -> Result<(Labels, &str), String> {
    let mut labels: Labels = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t']);
    while !rest.starts_with('}') {
        let (key, after) = rest.split_once('=').ok_or("unterminated labels")?;
        let key = key.trim_matches([' ', '\t']);
        if !is_name(key, false) {
            return Err(format!("`{}` is not a label name", short(key)));
        }
        if labels.iter().any(|(known, _)| known == key) {
            return Err(format!("duplicate label `{key}`"));
        }
        let after = after.trim_start_matches([' ', '\t']);
        let quoted = after
            .strip_prefix('"')
            .ok_or("expected a quoted label value")?;
        let (value, after) = quoted_value(quoted)?;
        labels.push((key.to_owned(), value));
        let after = after.trim_start_matches([' ', '\t']);
        rest = match after.strip_prefix(',') {
            Some(more) => more.trim_start_matches([' ', '\t']),
            None if after.starts_with('}') => after,
            None => return Err("expected a comma between labels".into()),
        };
    }
    Ok((labels, &rest[1..]))
}

/// Returns a value up to its closing quote, and the text after it.
fn quoted_value(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => value.push(match chars.next() {
                Some((_, 'n')) => '\n',
                Some((_, c @ ('\\' | '"'))) => c,
                Some((_, c)) => return Err(format!("`\\{}` is not an escape", c.escape_default())),
                None => break,
            }),
            c => value.push(c),
        }
    }
    Err("unterminated label value".into())
}

fn is_name(text: &str, colon: bool) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colon && c == ':');
    !text.is_empty()
        && text.chars().all(is_allowed)
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns the start of an invalid text, which may be long and contain anything.
fn short(text: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    crate::text::escape(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_labels_escapes_and_timestamps_are_parsed() {
        let page = parse(
            "# HELP a_total Things.\n# TYPE a_total counter\n# any comment\n\n\
             a_total{x=\"q\\\"b\\\\n\\n}, =\",y=\"\",} 3 1700000000000\n\
             a_total  4\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum NaN\nh_count 2\nfree\t+Inf\n",
        )
        .expect("a page");
        assert_eq!(page.samples[0].label("x"), "q\"b\\n\n}, =");
        assert_eq!(
            (page.samples[0].label("y"), page.samples[0].value),
            ("", 3.0)
        );
        assert_eq!(page.samples[1].value, 4.0);
        assert!(page.samples[3].value.is_nan());
        assert_eq!(page.samples[5].value, f64::INFINITY);
        assert_eq!(page.family("h_bucket"), ("h", FamilyType::Histogram));
        assert_eq!(page.family("a_total"), ("a_total", FamilyType::Counter));
        assert_eq!(page.family("free_sum"), ("free_sum", FamilyType::Untyped));
    }

    #[test]
    fn invalid_pages_are_rejected_with_the_line() {
        for (text, why) in [
            ("", "the page is empty"),
            (" \n", "the page is empty"),
            ("a 1", "the last line is incomplete"),
            ("# TYPE a counter\n", "the page has no samples"),
            (
                "<!DOCTYPE html>\n",
                "line 1: `<!DOCTYPE` is not a metric name",
            ),
            ("{\"json\": 1}\n", "line 1: `` is not a metric name"),
            ("a 1\na{} 2\n", "line 2: duplicate series of `a`"),
            (
                "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 1\n",
                "line 2: duplicate series of `a`",
            ),
            ("a\n", "line 1: missing value"),
            ("a one\n", "line 1: `one` is not a number"),
            ("a 1 soon\n", "line 1: `soon` is not a timestamp"),
            ("a 1 2 # {trace_id=\"x\"} 1\n", "line 1: unexpected `#`"),
            ("a{x=1} 1\n", "line 1: expected a quoted label value"),
            ("a{x=\"1} 1\n", "line 1: unterminated label value"),
            ("a{x=\"\\t\"} 1\n", "line 1: `\\t` is not an escape"),
            (
                "a{x=\"1\" y=\"2\"} 1\n",
                "line 1: expected a comma between labels",
            ),
            ("a{x=\"1\",x=\"2\"} 1\n", "line 1: duplicate label `x`"),
            ("a{1x=\"1\"} 1\n", "line 1: `1x` is not a label name"),
            ("a{x 1\n", "line 1: unterminated labels"),
            (
                "# TYPE a thing\na 1\n",
                "line 1: `thing` is not a metric type",
            ),
            (
                "# TYPE a gauge\n# TYPE a gauge\na 1\n",
                "line 2: `a` has two types",
            ),
            (
                "a\u{1b}[2J 1\n",
                "line 1: `a\\u{1b}[2J` is not a metric name",
            ),
        ] {
            assert_eq!(parse(text).expect_err(text), why, "{text:?}");
        }
    }
}
