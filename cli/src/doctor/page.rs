//! Reading a page of metrics: Prometheus's text format.

use std::collections::HashMap;

/// Samples of a page.
#[derive(Debug, Default)]
pub(crate) struct Page(Vec<Sample>);

/// The bounds of a histogram's series, each with how many values are no greater.
type Steps = Vec<(f64, f64)>;

/// One line.
#[derive(Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: HashMap<String, String>,
    pub(crate) value: f64,
}

impl Page {
    /// Reads a page; `None`: it is none. Lines that are no samples are left out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_page = text
            .lines()
            .any(|line| line.starts_with("# TYPE ") || line.starts_with("# HELP "));
        let is_page = is_page || text.trim().is_empty() || text.trim() == "# EOF";
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        is_page.then(|| Self(lines.filter_map(sample).collect()))
    }

    /// Whether there is no sample.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Samples of this name.
    pub(crate) fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.0.iter().filter(move |sample| sample.name == name)
    }

    /// Their sum; `None`: there is none.
    pub(crate) fn sum(&self, name: &str, holds: impl Fn(&Sample) -> bool) -> Option<f64> {
        let mut found = self.of(name).filter(|sample| holds(sample)).peekable();
        found.peek()?;
        Some(found.map(|sample| sample.value).sum())
    }

    /// The value below which the part `q` of a histogram's values lie, over all its series, as `histogram_quantile`
    /// has it; `None`: nothing was recorded.
    pub(crate) fn quantile(&self, name: &str, q: f64) -> Option<f64> {
        let bucket = format!("{name}_bucket");
        // The series do not all have all the bounds: each is taken for itself first.
        let mut series: HashMap<Vec<(&str, &str)>, Steps> = HashMap::new();
        for sample in self.of(&bucket) {
            let bound = sample.labels.get("le")?.parse().ok()?;
            let others = sample.labels.iter().filter(|(key, _)| *key != "le");
            let mut key: Vec<_> = others
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            key.sort_unstable();
            series.entry(key).or_default().push((bound, sample.value));
        }
        let mut bounds: Vec<f64> = series.values().flatten().map(|(bound, _)| *bound).collect();
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        // A series counts at each bound what it counts at its own next lower one.
        let at = |bound: f64| {
            let of = |steps: &Steps| {
                let below = steps.iter().filter(|(own, _)| *own <= bound);
                below.map(|(_, count)| *count).fold(0.0, f64::max)
            };
            series.values().map(of).sum::<f64>()
        };
        let counts: Vec<_> = bounds.iter().map(|bound| (*bound, at(*bound))).collect();
        let rank = q * counts.last()?.1;
        if rank <= 0.0 {
            return None;
        }
        let (mut lower, mut under) = (0.0, 0.0);
        for (bound, count) in counts {
            if count >= rank {
                return Some(if bound.is_infinite() {
                    lower
                } else {
                    lower + (bound - lower) * (rank - under) / (count - under)
                });
            }
            (lower, under) = (bound, count);
        }
        None
    }
}

fn sample(line: &str) -> Option<Sample> {
    let (name, rest) = line.split_at(line.find(['{', ' '])?);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (HashMap::new(), rest),
    };
    let value = rest.split_whitespace().next()?;
    let value = match value {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        value => value.parse().ok()?,
    };
    Some(Sample {
        name: name.to_owned(),
        labels,
        value,
    })
}

/// Labels, and what follows them.
fn labels(mut rest: &str) -> Option<(HashMap<String, String>, &str)> {
    let mut labels = HashMap::new();
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (key, after) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next()? {
                (_, '\\') => match chars.next()?.1 {
                    'n' => value.push('\n'),
                    c => value.push(c),
                },
                (at, '"') => break at,
                (_, c) => value.push(c),
            }
        };
        labels.insert(key.to_owned(), value);
        rest = &after[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# TYPE d histogram
d_bucket{r=\"a\",le=\"0.1\"} 90 # {trace_id=\"x\"} 0.05
d_bucket{r=\"a\",le=\"0.2\"} 100
d_bucket{r=\"a\",le=\"+Inf\"} 100
d_bucket{r=\"b,}\\\"\\n\",le=\"0.2\"} 0
d_bucket{r=\"b,}\\\"\\n\",le=\"0.4\"} 100
d_bucket{r=\"b,}\\\"\\n\",le=\"+Inf\"} 100
plain 3 1700000000
";

    #[test]
    fn a_page_is_read() {
        let page = Page::parse(PAGE).expect("a page");
        assert_eq!(page.sum("plain", |_| true), Some(3.0));
        assert_eq!(page.sum("other", |_| true), None);
        let odd = page
            .of("d_bucket")
            .filter(|sample| sample.labels["r"] == "b,}\"\n");
        assert_eq!(odd.count(), 3);
        // Of two hundred, a hundred are below 0.2, and a hundred are from 0.2 to 0.4.
        assert_eq!(page.quantile("d", 0.5), Some(0.2));
        assert!(
            page.quantile("d", 0.75)
                .is_some_and(|p| (p - 0.3).abs() < 1e-9)
        );
        assert_eq!(page.quantile("other", 0.5), None);
        assert!(Page::parse("<html>").is_none());
    }
}
