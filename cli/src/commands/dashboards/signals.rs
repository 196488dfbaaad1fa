//! Groups of signals in the manifest.

use super::names::{self, Verb};
use super::panel::Unit;
use instrumental_manifest::{
    Function, Manifest, MatchOperator, Matcher, Metric, MetricKind, Origin, Query, Selection,
};

/// Words in names of functions, modules and metrics that refer to a database. Spans of database drivers have no metrics, so
/// dashboards show annotated functions and metrics of the catalog.
const DATABASE: &[&str] = &[
    "db",
    "database",
    "sql",
    "sqlx",
    "sqlite",
    "postgres",
    "postgresql",
    "pg",
    "mysql",
    "mariadb",
    "redis",
    "mongo",
    "mongodb",
    "dynamodb",
    "cassandra",
    "diesel",
    "query",
    "queries",
    "repo",
    "repository",
    "repositories",
    "dao",
];

pub(super) const CALLS: &str = "function.duration";
pub(super) const REQUESTS: &str = "http.server.request.duration";
pub(super) const STATUS: &str = "http.response.status_code";

/// Outcomes that are failures of a function. `cancelled` is not, as the caller dropped the call.
const BAD: &[&str] = &["error", "panicked"];

/// Returns a selection of all series of a metric.
pub(super) fn all(metric: &str) -> Selection {
    Selection {
        metric: metric.to_owned(),
        matchers: Vec::new(),
    }
}

/// Restricts a selection to series whose label has one of the values.
pub(super) fn only<'a>(
    mut selection: Selection,
    label: &str,
    values: impl IntoIterator<Item = &'a str>,
) -> Selection {
    selection.matchers.push(Matcher {
        label: label.to_owned(),
        is: MatchOperator::In,
        values: values.into_iter().map(str::to_owned).collect(),
    });
    selection
}

pub(super) fn failed_calls(calls: Selection) -> Selection {
    only(calls, "outcome", BAD.iter().copied())
}

pub(super) fn failed_requests(mut requests: Selection) -> Selection {
    requests.matchers.push(Matcher {
        label: STATUS.to_owned(),
        is: MatchOperator::Prefix,
        values: vec!["5".to_owned()],
    });
    requests
}

pub(super) fn metric<'a>(manifest: &'a Manifest, name: &str) -> Option<&'a Metric> {
    manifest.metrics.iter().find(|metric| metric.name == name)
}

/// Returns the metric of this name if it has this label.
pub(super) fn has(manifest: &Manifest, name: &str, label: &str) -> bool {
    let labels = metric(manifest, name).map(|metric| &metric.labels);
    labels.is_some_and(|labels| labels.iter().any(|known| known.name == label))
}

/// The traffic of the service: requests if it serves HTTP, or else calls of its functions of kind `server` or `consumer`, or
/// else all calls.
pub(super) struct Traffic {
    pub whole: Selection,
    pub failed: Selection,
    /// `Requests` or `Calls`.
    pub name: &'static str,
    /// The label that distinguishes them.
    pub by: &'static str,
}

impl Traffic {
    pub(super) fn of(manifest: &Manifest) -> Option<Self> {
        if has(manifest, REQUESTS, STATUS) {
            return Some(Self {
                whole: all(REQUESTS),
                failed: failed_requests(all(REQUESTS)),
                name: "Requests",
                by: "http.route",
            });
        }
        metric(manifest, CALLS)?;
        let entries = manifest.functions.iter();
        let entries: Vec<_> = entries
            .filter(|f| f.traced && (f.kind == "server" || f.kind == "consumer"))
            .collect();
        let whole = if entries.is_empty() {
            all(CALLS)
        } else {
            calls_of(&entries)
        };
        Some(Self {
            failed: failed_calls(whole.clone()),
            whole,
            name: "Calls",
            by: "function",
        })
    }

    pub(super) fn throughput(&self) -> Query {
        Query::Rate {
            of: vec![self.whole.clone()],
        }
    }

    pub(super) fn errors(&self) -> Query {
        Query::Share {
            part: vec![self.failed.clone()],
            whole: vec![self.whole.clone()],
        }
    }

    pub(super) fn latency(&self, q: f64) -> Query {
        quantile(q, self.whole.clone())
    }
}

pub(super) fn quantile(q: f64, of: Selection) -> Query {
    Query::Quantile { q, of }
}

/// Selects the calls of functions. It also includes functions with the name of one and the module of another.
pub(super) fn calls_of(functions: &[&Function]) -> Selection {
    let mut names: Vec<_> = functions.iter().map(|f| f.name.as_str()).collect();
    let mut modules: Vec<_> = functions.iter().map(|f| f.place.module.as_str()).collect();
    for list in [&mut names, &mut modules] {
        list.sort_unstable();
        list.dedup();
    }
    only(only(all(CALLS), "function", names), "module", modules)
}

/// Whether its name or module has a word that refers to a database.
pub(super) fn is_database(name: &str) -> bool {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.flat_map(|word| {
        // Splits `OrderRepository` into order and repository.
        let ends = word
            .char_indices()
            .skip(1)
            .filter(|(_, c)| c.is_ascii_uppercase());
        let mut cuts: Vec<_> = std::iter::once(0).chain(ends.map(|(at, _)| at)).collect();
        cuts.push(word.len());
        let parts = cuts
            .windows(2)
            .map(|cut| word[cut[0]..cut[1]].to_ascii_lowercase());
        parts.collect::<Vec<_>>()
    });
    let whole = name.to_ascii_lowercase();
    let mut whole = whole
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::to_owned);
    words
        .chain(&mut whole)
        .any(|word| DATABASE.contains(&word.as_str()))
}

/// Whether a counter is that of an event, or one of the catalog whose last word is a known verb.
pub(super) struct Happening<'a> {
    pub metric: &'a Metric,
    pub verb: Option<Verb>,
}

pub(super) fn happenings(manifest: &Manifest) -> Vec<Happening<'_>> {
    let counters = manifest
        .metrics
        .iter()
        .filter(|metric| metric.kind == MetricKind::Counter);
    let all = counters.map(|metric| Happening {
        metric,
        verb: names::verb(names::last(&metric.name)),
    });
    all.filter(|happening| match happening.metric.origin {
        Origin::Event => true,
        Origin::Catalog => happening.verb.is_some(),
        Origin::Library => false,
    })
    .collect()
}

/// A success rate.
pub(super) struct SuccessRate {
    pub title: String,
    pub about: String,
    pub query: Query,
}

/// Returns the success rates of a subject: the ratio of `payment.released` to the sum with `payment.failed`, and of
/// `bid.accepted` to `bid.submitted`.
pub(super) fn success_rates(manifest: &Manifest, thing: &str) -> Vec<SuccessRate> {
    let all_of = happenings(manifest);
    // `bids.submitted` and `bid.accepted` have the same subject; `bid.photo.accepted` has another.
    let of_thing = all_of.iter().filter(|h| {
        names::group(&h.metric.name) == thing && h.metric.name.matches('.').count() == 1
    });
    let of_thing: Vec<_> = of_thing.collect();
    let with = |verb| {
        of_thing
            .iter()
            .filter(move |h| h.verb == Some(verb))
            .map(|h| h.metric)
    };
    let good: Vec<_> = with(Verb::Succeeds).collect();
    let bad: Vec<_> = with(Verb::Fails).collect();
    let begun: Vec<_> = with(Verb::Begins).collect();
    let name = names::title(thing);
    let mut rates = Vec::new();
    for good_one in &good {
        let verb = names::last(&good_one.name);
        let noun = names::noun_of(verb);
        if !bad.is_empty() {
            let title = match good.len() {
                1 => format!("{name} success rate"),
                _ => format!("{name} {noun} success rate"),
            };
            let whole = std::iter::once(good_one).chain(&bad);
            rates.push(success_rate(
                title,
                good_one,
                whole.map(|metric| metric.name.as_str()),
            ));
        }
        for beginning in &begun {
            let title = match begun.len() {
                1 => format!("{name} {noun} rate"),
                _ => format!("{name} {noun} rate of {}", names::last(&beginning.name)),
            };
            rates.push(success_rate(
                title,
                good_one,
                std::iter::once(beginning.name.as_str()),
            ));
        }
    }
    rates
}

fn success_rate<'a>(
    title: String,
    part: &Metric,
    whole: impl Iterator<Item = &'a str>,
) -> SuccessRate {
    let whole: Vec<_> = whole.collect();
    SuccessRate {
        title,
        about: format!("{} of {} in the same time.", part.name, whole.join(" + ")),
        query: Query::Share {
            part: vec![all(&part.name)],
            whole: whole.into_iter().map(all).collect(),
        },
    }
}

/// Whether a sum of values in this unit is meaningful: money, bytes and items, but not seconds or percentages.
pub(super) fn adds_up(unit: &str) -> bool {
    unit == "By" || (unit.starts_with('{') && unit.ends_with('}'))
}

/// Whether a histogram is a measure of an event.
pub(super) fn is_measure(metric: &Metric) -> bool {
    metric.kind == MetricKind::Histogram && metric.origin == Origin::Event
}

pub(super) fn unit(metric: &Metric) -> Unit {
    match metric.unit.as_str() {
        "1" => Unit::Part,
        code => Unit::Of(code.to_owned()),
    }
}

/// A gauge that measures saturation.
pub(super) struct Saturation<'a> {
    pub metric: &'a Metric,
    pub query: Query,
    pub unit: Unit,
}

/// Returns pairs such as `db.connections.open` and `db.connections.max`, and gauges that are ratios by unit or name.
pub(super) fn saturations(manifest: &Manifest) -> Vec<Saturation<'_>> {
    let gauges = manifest
        .metrics
        .iter()
        .filter(|m| m.kind == MetricKind::Gauge && m.origin == Origin::Catalog);
    let gauges: Vec<_> = gauges.collect();
    let is_limit =
        |name: &str| ["max", "limit", "capacity", "total", "size"].contains(&names::last(name));
    let parent = |name: &'_ str| name.rsplit_once('.').map(|(parent, _)| parent.to_owned());
    let mut found = Vec::new();
    for metric in &gauges {
        let limit = gauges.iter().find(|other| {
            is_limit(&other.name)
                && parent(&other.name).is_some()
                && parent(&other.name) == parent(&metric.name)
        });
        let name = names::last(&metric.name);
        let is_ratio = ["usage", "utilization", "utilisation", "saturation"]
            .iter()
            .any(|word| name.ends_with(word));
        match limit {
            _ if is_limit(&metric.name) => {}
            Some(limit) if limit.unit == metric.unit => found.push(Saturation {
                metric,
                query: Query::Fraction {
                    part: all(&metric.name),
                    whole: all(&limit.name),
                },
                unit: Unit::Part,
            }),
            _ if is_ratio || metric.unit == "1" || metric.unit == "%" => found.push(Saturation {
                metric,
                query: Query::Level {
                    of: all(&metric.name),
                },
                unit: unit(metric),
            }),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_recognized_by_whole_words() {
        for name in [
            "shop::db",
            "OrderRepository::find",
            "load_queries",
            "shop::storage::sqlx",
            "PgPool::get",
            "DB",
        ] {
            assert!(is_database(name), "{name}");
        }
        for name in [
            "shop::feedback",
            "Dbase",
            "shop::jobs",
            "requery",
            "Order::report",
        ] {
            assert!(!is_database(name), "{name}");
        }
    }
}
