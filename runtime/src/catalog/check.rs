//! Checks of the catalog: duplicate names, unresolved alerts and functions whose futures are not measured.

use super::entry::{CatalogEntry, CatalogKind};
use crate::model::family::{MetricKind, built_in};
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

/// Problems in the declarations of a program: names of metrics and events that collide, and alerts on signals that are not
/// recorded. [`Catalog::check`](super::Catalog::check) returns it.
///
/// ```
/// if let Err(error) = instrumental::catalog().check() {
///     for problem in error.problems() {
///         println!("{problem}");
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogError {
    problems: Vec<String>,
}

impl CatalogError {
    /// Returns the problems, each with the source lines of its declarations.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.problems.iter().map(String::as_str)
    }
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the catalog has problems:")?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl Error for CatalogError {}

/// A metric or event that uses a name.
#[derive(Clone, Copy)]
struct Declaration<'a> {
    name: &'a str,
    kind: CatalogKind,
    /// File and line; an empty file for a metric of this library.
    place: (&'a str, u32),
}

impl fmt::Display for Declaration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}` (", self.kind.as_str(), self.name)?;
        match self.place {
            ("", _) => f.write_str("built in)"),
            (file, line) => write!(f, "{file}:{line})"),
        }
    }
}

/// Returns the name of a metric's family in Prometheus, without the `_total` of a counter: in OpenMetrics, families of all
/// types share their names.
fn family(name: &str, unit_word: &str) -> String {
    crate::base::text::prometheus::metric(name, unit_word, MetricKind::Gauge)
}

/// Checks the entries of a catalog, and the alerts of the program.
pub(super) fn check(entries: &[CatalogEntry]) -> Result<(), CatalogError> {
    let built_in = built_in::ALL.iter().map(|spec| {
        let declaration = Declaration {
            name: spec.name,
            kind: spec.kind.into(),
            place: ("", 0),
        };
        (spec.unit_word, declaration)
    });
    let declared = entries
        .iter()
        .filter(|entry| entry.kind != CatalogKind::Function);
    let declared = declared.map(|entry| {
        let place = (entry.file, entry.line);
        (
            entry.unit_word,
            Declaration {
                name: entry.name,
                kind: entry.kind,
                place,
            },
        )
    });
    let mut names: HashMap<&str, Declaration<'_>> = HashMap::new();
    let mut families: HashMap<String, Declaration<'_>> = HashMap::new();
    let mut problems = Vec::new();
    for (word, declaration) in built_in.chain(declared) {
        if let Some(first) = names.get(declaration.name) {
            problems.push(format!("{first} and {declaration} have the same name"));
            continue;
        }
        names.insert(declaration.name, declaration);
        let family = family(declaration.name, word);
        match families.get(&family) {
            Some(first) => problems.push(format!(
                "{first} and {declaration} have the same name in Prometheus, `{family}`"
            )),
            None => drop(families.insert(family, declaration)),
        }
    }
    problems.extend(alerts());
    problems.extend(unmeasured());
    if problems.is_empty() {
        Ok(())
    } else {
        Err(CatalogError { problems })
    }
}

/// Lists functions that returned a future whose type cannot carry their call, such as a `JoinHandle`. The type is only known
/// when the function runs, so functions that this process did not call are missing.
fn unmeasured() -> Vec<String> {
    let sites = crate::collect::registry::sites();
    let mut problems: Vec<_> = sites
        .filter(|site| site.unmeasured.load(Relaxed))
        .map(|site| {
            let spec = site.spec();
            format!(
                "`{}` ({}:{}) returns a future of a type that cannot be measured to its end: return `impl Future` or a boxed \
                 future, or write `error_if = |_| false` to end the call when the function returns",
                site.function(), spec.file, spec.line
            )
        })
        .collect();
    problems.sort();
    problems
}

/// Lists alerts on signals that are not recorded, and alerts of the same name.
fn alerts() -> Vec<String> {
    let mut alerts: Vec<_> = crate::collect::registry::alerts().collect();
    alerts.sort_by_key(|alert| (alert.name, alert.file, alert.line));
    let mut problems = Vec::new();
    for pair in alerts
        .windows(2)
        .filter(|pair| pair[0].name == pair[1].name)
    {
        let [a, b] = [pair[0], pair[1]].map(|alert| format!("{}:{}", alert.file, alert.line));
        problems.push(format!("duplicate alert `{}` ({a} and {b})", pair[0].name));
    }
    for alert in alerts {
        let unresolved = (alert.condition)().unresolved.into_iter();
        let at = format!("alert `{}` ({}:{})", alert.name, alert.file, alert.line);
        problems.extend(unresolved.map(|reason| format!("{at}: {reason}")));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use CatalogKind::{Counter, Event, Function, Gauge, Histogram};

    fn entry(
        kind: CatalogKind,
        name: &'static str,
        unit_word: &'static str,
        line: u32,
    ) -> CatalogEntry {
        CatalogEntry {
            kind,
            name,
            unit: "",
            unit_word,
            labels: Vec::new(),
            fields: &[],
            help: "",
            owner: "",
            budget: 0,
            file: "src/a.rs",
            line,
            module: "",
            objective: None,
        }
    }

    fn problems(entries: &[CatalogEntry]) -> Vec<String> {
        let error = check(entries).err();
        error.map_or_else(Vec::new, |error| error.problems)
    }

    #[test]
    fn distinct_names_are_accepted() {
        let entries = [
            entry(Counter, "a.b", "", 1),
            entry(Counter, "a.bc", "", 2),
            entry(Histogram, "a.b.waited", "seconds", 3),
            entry(Histogram, "a.size_bytes", "bytes", 4),
            entry(Gauge, "a.size", "", 5),
            entry(Event, "paid", "", 6),
            entry(Histogram, "paid.amount", "usd", 7),
            entry(Function, "release", "", 8),
            entry(Function, "release", "", 9),
        ];
        assert_eq!(problems(&entries), Vec::<String>::new());
    }

    #[test]
    fn colliding_names_are_reported() {
        let (same, one) = ("have the same name", "have the same name in Prometheus");
        for (first, second, problem) in [
            (
                (Counter, "a.b", ""),
                (Gauge, "a.b", ""),
                format!("gauge `a.b` (src/a.rs:2) {same}"),
            ),
            (
                (Counter, "a.b", ""),
                (Event, "a.b", ""),
                format!("event `a.b` (src/a.rs:2) {same}"),
            ),
            (
                (Counter, "a.b", ""),
                (Gauge, "a_b", ""),
                format!("counter `a.b` (src/a.rs:1) and gauge `a_b` (src/a.rs:2) {one}, `a_b`"),
            ),
            (
                (Histogram, "a.waited", "seconds"),
                (Gauge, "a.waited_seconds", ""),
                format!("`a.waited_seconds` (src/a.rs:2) {one}, `a_waited_seconds`"),
            ),
            (
                (Histogram, "a.waited", "seconds"),
                (Histogram, "a.waited.seconds", "seconds"),
                format!("{one}, `a_waited_seconds`"),
            ),
            (
                (Counter, "x", ""),
                (Counter, "function.errors", ""),
                format!(
                    "counter `function.errors` (built in) and counter `function.errors` (src/a.rs:2) {same}"
                ),
            ),
            (
                (Counter, "x", ""),
                (Gauge, "function.duration_seconds", ""),
                format!("{one}, `function_duration_seconds`"),
            ),
        ] {
            let of = |(kind, name, word), line| entry(kind, name, word, line);
            let problems = problems(&[of(first, 1), of(second, 2)]);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].contains(&problem), "{problems:?}: {problem}");
        }
    }
}
