//! The page that Prometheus scrapes, in its classic text format (0.0.4). Strict: what is no such page is refused.

use std::collections::{BTreeMap, HashSet};

/// What kind of metric a family is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Summary,
    Untyped,
}

impl Kind {
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

/// One line: a name, labels in their order on the page, a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) value: f64,
}

impl Sample {
    /// A label's value; empty: it has none.
    pub(crate) fn label(&self, key: &str) -> &str {
        let found = self.labels.iter().find(|(name, _)| name == key);
        found.map_or("", |(_, value)| value)
    }

    /// All labels but one, in the order of their names: what tells series of a family apart.
    pub(crate) fn labels_without(&self, key: &str) -> Vec<(&str, &str)> {
        let labels = self.labels.iter().filter(|(name, _)| name != key);
        let labels = labels.map(|(name, value)| (name.as_str(), value.as_str()));
        let mut labels: Vec<_> = labels.collect();
        labels.sort_unstable();
        labels
    }

    /// Whether it is of calls that failed or panicked.
    pub(crate) fn is_of_failures(&self) -> bool {
        matches!(self.label("outcome"), "error" | "panicked")
    }
}

/// A page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    types: BTreeMap<String, Kind>,
    pub(crate) samples: Vec<Sample>,
}

impl Page {
    /// The family that a sample belongs to: of `x_bucket`, `x_sum`, `x_count` of a histogram it is `x`.
    pub(crate) fn family<'a>(&self, name: &'a str) -> (&'a str, Kind) {
        if let Some(kind) = self.types.get(name) {
            return (name, *kind);
        }
        let ends = ["_bucket", "_sum", "_count"];
        let families = ends.iter().filter_map(|end| name.strip_suffix(end));
        let typed = families.filter_map(|name| Some((name, *self.types.get(name)?)));
        let mut made_of = typed.filter(|(_, kind)| matches!(kind, Kind::Histogram | Kind::Summary));
        made_of.next().unwrap_or((name, Kind::Untyped))
    }
}

/// Reads a page.
///
/// # Errors
/// Where it is none: the line, and why.
pub(crate) fn parse(text: &str) -> Result<Page, String> {
    if text.trim().is_empty() {
        return Err("it is empty".into());
    }
    if !text.ends_with('\n') {
        return Err("it ends within a line".into());
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
                return Err(fault(format!("`{}` is there twice", sample.name)));
            }
            page.samples.push(sample);
        }
    }
    if page.samples.is_empty() {
        return Err("it has no samples".into());
    }
    Ok(page)
}

/// Takes note of `# TYPE name kind`. Other comments say nothing here.
fn type_of(comment: &str, page: &mut Page) -> Result<(), String> {
    let mut words = comment.split_whitespace();
    if words.next() != Some("TYPE") {
        return Ok(());
    }
    let (Some(name), Some(kind), None) = (words.next(), words.next(), words.next()) else {
        return Err("a TYPE has a name and a kind".into());
    };
    if !is_name(name, true) {
        return Err(format!("`{}` is no name of a metric", short(name)));
    }
    let known =
        Kind::parse(kind).ok_or_else(|| format!("`{}` is no kind of metric", short(kind)))?;
    match page.types.insert(name.to_owned(), known) {
        Some(_) => Err(format!("`{name}` has two types")),
        None => Ok(()),
    }
}

fn sample(line: &str) -> Result<Sample, String> {
    let end = line.find(['{', ' ', '\t']).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !is_name(name, true) {
        return Err(format!("`{}` is no name of a metric", short(name)));
    }
    let rest = rest.trim_start_matches([' ', '\t']);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    let mut words = rest.split_whitespace();
    let value = words.next().ok_or("it has no value")?;
    let number = value.parse::<f64>();
    let number = number.map_err(|_| format!("`{}` is no number", short(value)))?;
    if let Some(time) = words.next()
        && time.parse::<i64>().is_err()
    {
        return Err(format!("`{}` is no time", short(time)));
    }
    match words.next() {
        Some(more) => Err(format!("`{}` is too much", short(more))),
        None => Ok(Sample {
            name: name.to_owned(),
            labels,
            value: number,
        }),
    }
}

type Labels = Vec<(String, String)>;

/// Labels up to `}`, and what follows it.
fn labels(text: &str) -> Result<(Labels, &str), String> {
    let mut labels: Labels = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t']);
    while !rest.starts_with('}') {
        let (key, after) = rest.split_once('=').ok_or("its labels do not end")?;
        let key = key.trim_matches([' ', '\t']);
        if !is_name(key, false) {
            return Err(format!("`{}` is no name of a label", short(key)));
        }
        if labels.iter().any(|(known, _)| known == key) {
            return Err(format!("the label `{key}` is there twice"));
        }
        let after = after.trim_start_matches([' ', '\t']);
        let quoted = after
            .strip_prefix('"')
            .ok_or("a label's value stands in quotes")?;
        let (value, after) = quoted_value(quoted)?;
        labels.push((key.to_owned(), value));
        let after = after.trim_start_matches([' ', '\t']);
        rest = match after.strip_prefix(',') {
            Some(more) => more.trim_start_matches([' ', '\t']),
            None if after.starts_with('}') => after,
            None => return Err("labels are separated by commas".into()),
        };
    }
    Ok((labels, &rest[1..]))
}

/// A value up to its closing quote, and what follows that.
fn quoted_value(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => value.push(match chars.next() {
                Some((_, 'n')) => '\n',
                Some((_, c @ ('\\' | '"'))) => c,
                Some((_, c)) => return Err(format!("`\\{}` is no escape", c.escape_default())),
                None => break,
            }),
            c => value.push(c),
        }
    }
    Err("a label's value does not end".into())
}

fn is_name(text: &str, colon: bool) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colon && c == ':');
    !text.is_empty()
        && text.chars().all(is_allowed)
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// The beginning of what is wrong: the page may be anything.
fn short(text: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    crate::table::escape(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_labels_escapes_and_times_are_read() {
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
        assert_eq!(page.family("h_bucket"), ("h", Kind::Histogram));
        assert_eq!(page.family("a_total"), ("a_total", Kind::Counter));
        assert_eq!(page.family("free_sum"), ("free_sum", Kind::Untyped));
    }

    #[test]
    fn what_is_no_page_is_refused_with_its_line() {
        for (text, why) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("a 1", "it ends within a line"),
            ("# TYPE a counter\n", "it has no samples"),
            (
                "<!DOCTYPE html>\n",
                "line 1: `<!DOCTYPE` is no name of a metric",
            ),
            ("{\"json\": 1}\n", "line 1: `` is no name of a metric"),
            ("a 1\na{} 2\n", "line 2: `a` is there twice"),
            (
                "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 1\n",
                "line 2: `a` is there twice",
            ),
            ("a\n", "line 1: it has no value"),
            ("a one\n", "line 1: `one` is no number"),
            ("a 1 soon\n", "line 1: `soon` is no time"),
            ("a 1 2 # {trace_id=\"x\"} 1\n", "line 1: `#` is too much"),
            ("a{x=1} 1\n", "line 1: a label's value stands in quotes"),
            ("a{x=\"1} 1\n", "line 1: a label's value does not end"),
            ("a{x=\"\\t\"} 1\n", "line 1: `\\t` is no escape"),
            (
                "a{x=\"1\" y=\"2\"} 1\n",
                "line 1: labels are separated by commas",
            ),
            (
                "a{x=\"1\",x=\"2\"} 1\n",
                "line 1: the label `x` is there twice",
            ),
            ("a{1x=\"1\"} 1\n", "line 1: `1x` is no name of a label"),
            ("a{x 1\n", "line 1: its labels do not end"),
            (
                "# TYPE a thing\na 1\n",
                "line 1: `thing` is no kind of metric",
            ),
            (
                "# TYPE a gauge\n# TYPE a gauge\na 1\n",
                "line 2: `a` has two types",
            ),
            (
                "a\u{1b}[2J 1\n",
                "line 1: `a\\u{1b}[2J` is no name of a metric",
            ),
        ] {
            assert_eq!(parse(text).expect_err(text), why, "{text:?}");
        }
    }
}
