//! Names that are declared twice, or become one in Prometheus.

use super::entry::{CatalogEntry, CatalogKind};
use crate::model::family::{MetricKind, built_in};
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

/// Names of the program's metrics and events that cannot stand together, and alerts on what is not recorded. Lists all
/// faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogError {
    faults: Vec<String>,
}

impl CatalogError {
    /// The faults, each with the source lines of both declarations.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.faults.iter().map(String::as_str)
    }
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the catalog has faults")?;
        self.faults
            .iter()
            .try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl Error for CatalogError {}

/// Who has a name.
#[derive(Clone, Copy)]
struct Holder<'a> {
    name: &'a str,
    kind: CatalogKind,
    /// Empty file: ours.
    place: (&'a str, u32),
}

impl fmt::Display for Holder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}` (", self.kind.as_str(), self.name)?;
        match self.place {
            ("", _) => f.write_str("of every program)"),
            (file, line) => write!(f, "{file}:{line})"),
        }
    }
}

/// The name of the metric's family in Prometheus, without a counter's `_total`, since OpenMetrics has one family of a
/// name, of whatever type.
fn family(name: &str, unit_word: &str) -> String {
    crate::base::text::prometheus::metric(name, unit_word, MetricKind::Gauge)
}

pub(super) fn check(entries: &[CatalogEntry]) -> Result<(), CatalogError> {
    let built_in = built_in::ALL.iter().map(|spec| {
        let holder = Holder {
            name: spec.name,
            kind: spec.kind.into(),
            place: ("", 0),
        };
        (spec.unit_word, holder)
    });
    let declared = entries
        .iter()
        .filter(|entry| entry.kind != CatalogKind::Function);
    let declared = declared.map(|entry| {
        let place = (entry.file, entry.line);
        (
            entry.unit_word,
            Holder {
                name: entry.name,
                kind: entry.kind,
                place,
            },
        )
    });
    let mut names: HashMap<&str, Holder<'_>> = HashMap::new();
    let mut families: HashMap<String, Holder<'_>> = HashMap::new();
    let mut faults = Vec::new();
    for (word, holder) in built_in.chain(declared) {
        if let Some(first) = names.get(holder.name) {
            faults.push(format!("{first} and {holder} have the same name"));
            continue;
        }
        names.insert(holder.name, holder);
        let family = family(holder.name, word);
        match families.get(&family) {
            Some(first) => faults.push(format!(
                "{first} and {holder} have the same name in Prometheus, `{family}`"
            )),
            None => drop(families.insert(family, holder)),
        }
    }
    faults.extend(alerts());
    faults.extend(unmeasured());
    if faults.is_empty() {
        Ok(())
    } else {
        Err(CatalogError { faults })
    }
}

/// Functions that returned, in this process, a future of a type that has no room for their call: a `JoinHandle`, a type of
/// the user's. Only the running function knows its type, so those that did not run are not seen.
fn unmeasured() -> Vec<String> {
    let sites = crate::collect::registry::sites();
    let mut faults: Vec<_> = sites
        .filter(|site| site.unmeasured.load(Relaxed))
        .map(|site| {
            let spec = site.spec();
            format!(
                "`{}` ({}:{}) returns a future that is not measured to its end, since its type has no room for that: \
                 return `impl Future` or a boxed future, or write `error_if = |_| false` if its call is to end when it returns",
                site.function(), spec.file, spec.line
            )
        })
        .collect();
    faults.sort();
    faults
}

/// Alerts on what is not recorded, and of one name.
fn alerts() -> Vec<String> {
    let mut alerts: Vec<_> = crate::collect::registry::alerts().collect();
    alerts.sort_by_key(|alert| (alert.name, alert.file, alert.line));
    let mut faults = Vec::new();
    for pair in alerts
        .windows(2)
        .filter(|pair| pair[0].name == pair[1].name)
    {
        let [a, b] = [pair[0], pair[1]].map(|alert| format!("{}:{}", alert.file, alert.line));
        faults.push(format!(
            "two alerts are called `{}` ({a} and {b})",
            pair[0].name
        ));
    }
    for alert in alerts {
        let unresolved = (alert.condition)().unresolved.into_iter();
        let at = format!("alert `{}` ({}:{})", alert.name, alert.file, alert.line);
        faults.extend(unresolved.map(|why| format!("{at}: {why}")));
    }
    faults
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

    fn faults(entries: &[CatalogEntry]) -> Vec<String> {
        let error = check(entries).err();
        error.map_or_else(Vec::new, |error| error.faults)
    }

    #[test]
    fn names_that_stand_together() {
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
        assert_eq!(faults(&entries), Vec::<String>::new());
    }

    #[test]
    fn names_that_do_not() {
        let (same, one) = ("have the same name", "have the same name in Prometheus");
        for (first, second, fault) in [
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
                    "counter `function.errors` (of every program) and counter `function.errors` (src/a.rs:2) {same}"
                ),
            ),
            (
                (Counter, "x", ""),
                (Gauge, "function.duration_seconds", ""),
                format!("{one}, `function_duration_seconds`"),
            ),
        ] {
            let of = |(kind, name, word), line| entry(kind, name, word, line);
            let faults = faults(&[of(first, 1), of(second, 2)]);
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].contains(&fault), "{faults:?}: {fault}");
        }
    }
}
