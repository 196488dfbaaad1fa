//! Latency, throughput, the slowest parts, and saturation.

use super::names;
use super::overview::latencies;
use super::panel::{Dashboard, Over, Panel, Section, Series, Unit, View};
use super::signals::{
    self, CALLS, Traffic, all, calls_of, failed_calls, has, is_database, metric, quantile,
};
use instrumental_manifest::{Function, Manifest, Metric, MetricKind, Origin, Query, Selection};

const SECONDS: &str = "s";
/// Functions of different modules may have the same name.
const FUNCTION: &[&str] = &["function", "module"];

pub(super) fn dashboard(manifest: &Manifest) -> Dashboard {
    let traffic = Traffic::of(manifest);
    let requests = traffic.as_ref().map(|traffic| requests(manifest, traffic));
    let functions = metric(manifest, CALLS).filter(|_| !manifest.functions.is_empty());
    let functions = functions
        .map(|_| functions_panels(manifest))
        .unwrap_or_default();
    let sections = [
        Section::of("Now", traffic.as_ref().map(now).unwrap_or_default()),
        Section::of(
            traffic.as_ref().map_or("", |t| t.name),
            requests.unwrap_or_default(),
        ),
        Section::of("Functions", functions),
        Section::of("Database", database(manifest)),
        Section::of("Calls to others", others(manifest)),
        Section::of("Saturation", saturation(manifest)),
        Section::of("Telemetry itself", telemetry(manifest)),
    ];
    Dashboard {
        key: "performance".into(),
        title: "Performance".into(),
        about: "Latency, throughput, the slowest parts, and saturation.".into(),
        sections: sections.into_iter().flatten().collect(),
    }
}

fn seconds() -> Unit {
    Unit::Of(SECONDS.into())
}

fn now(traffic: &Traffic) -> Vec<Panel> {
    let quantiles = [
        (0.5, "p50 latency"),
        (0.95, "p95 latency"),
        (0.99, "p99 latency"),
    ];
    let mut panels: Vec<_> = quantiles
        .map(|(q, title)| Panel::now(seconds(), title, traffic.latency(q)))
        .into();
    panels.push(Panel::now(Unit::Part, "Error rate", traffic.errors()));
    let title = format!("{} per second", traffic.name);
    panels.push(Panel::now(Unit::Requests, title, traffic.throughput()));
    panels
}

fn requests(manifest: &Manifest, traffic: &Traffic) -> Vec<Panel> {
    let name = traffic.name;
    let whole = &traffic.whole;
    let mut panels = vec![
        latencies("Response times", whole),
        Panel::lines(
            Unit::Part,
            "Error rate",
            vec![Series::of(traffic.errors(), "errors")],
        ),
        Panel::lines(
            Unit::Requests,
            format!("Throughput: {} per second", name.to_lowercase()),
            vec![Series::of(traffic.throughput(), name)],
        ),
    ];
    if !has(manifest, &whole.metric, traffic.by) {
        return panels;
    }
    let word = names::last(traffic.by);
    panels.extend([
        highest(
            seconds(),
            &format!("Slowest: p95 by {word}"),
            traffic.latency(0.95),
            &[traffic.by],
        ),
        highest(
            Unit::Part,
            &format!("Error rate by {word}"),
            traffic.errors(),
            &[traffic.by],
        ),
        highest(
            Unit::Requests,
            &format!("{name} per second by {word}"),
            traffic.throughput(),
            &[traffic.by],
        ),
    ]);
    panels
}

fn highest(unit: Unit, title: &str, query: Query, by: &[&str]) -> Panel {
    Panel::new(View::Highest, Over::Now, unit, title).with(Series::of(query, "").by(by))
}

fn by_function(unit: Unit, title: &str, query: Query) -> Panel {
    Panel::lines(unit, title, vec![Series::of(query, "").by(FUNCTION)])
}

fn share(calls: &Selection) -> Query {
    Query::Share {
        part: vec![failed_calls(calls.clone())],
        whole: vec![calls.clone()],
    }
}

fn rate(of: Selection) -> Query {
    Query::Rate { of: vec![of] }
}

fn functions_panels(manifest: &Manifest) -> Vec<Panel> {
    let calls = all(CALLS);
    let time = highest(
        seconds(),
        "Most time spent in 5 minutes",
        Query::Total {
            of: vec![calls.clone()],
        },
        FUNCTION,
    );
    let mut panels = vec![
        highest(
            seconds(),
            "Slowest functions: p95",
            quantile(0.95, calls.clone()),
            FUNCTION,
        ),
        time.about("Calls times their duration: the largest possible improvement."),
        highest(
            Unit::Part,
            "Error rate by function",
            share(&calls),
            FUNCTION,
        ),
    ];
    if has(manifest, "function.errors", "error") {
        let query = rate(all("function.errors"));
        let errors = highest(
            Unit::PerSecond,
            "Errors per second by kind",
            query,
            &["function", "module", "error"],
        );
        panels.push(errors);
    }
    if metric(manifest, "function.slow").is_some()
        && manifest.functions.iter().any(|f| f.slow.is_some())
    {
        panels.push(by_function(
            Unit::PerSecond,
            "Slow calls per second",
            rate(all("function.slow")),
        ));
    }
    panels
}

fn traced(manifest: &Manifest, wanted: impl Fn(&Function) -> bool) -> Option<Selection> {
    let functions = manifest.functions.iter().filter(|f| f.traced && wanted(f));
    let functions: Vec<_> = functions.collect();
    let found = !functions.is_empty() && metric(manifest, CALLS).is_some();
    found.then(|| calls_of(&functions))
}

fn of_database(function: &Function) -> bool {
    is_database(&function.name) || is_database(&function.place.module)
}

fn database(manifest: &Manifest) -> Vec<Panel> {
    let mut panels = Vec::new();
    if let Some(calls) = traced(manifest, of_database) {
        let why = "Annotated functions whose name or module refers to a database; spans of drivers have no metrics.";
        panels.extend([
            latencies("Database times", &calls).about(why),
            by_function(
                seconds(),
                "Database times: p95 by function",
                quantile(0.95, calls.clone()),
            ),
            by_function(
                Unit::PerSecond,
                "Database calls per second",
                rate(calls.clone()),
            ),
            by_function(Unit::Part, "Database error rate", share(&calls)),
        ]);
    }
    let timings = manifest.metrics.iter().filter(|metric| {
        metric.kind == MetricKind::Histogram
            && metric.origin == Origin::Catalog
            && metric.unit == SECONDS
            && is_database(&metric.name)
    });
    panels.extend(timings.map(|metric: &Metric| {
        let panel = latencies(&names::title(&metric.name), &all(&metric.name));
        panel.about(format!("{}: {}", metric.name, metric.help))
    }));
    panels
}

/// Returns the panels of outgoing calls: functions of kind `client` and `producer`, and HTTP requests.
fn others(manifest: &Manifest) -> Vec<Panel> {
    let mut panels = Vec::new();
    let to_others = |f: &Function| (f.kind == "client" || f.kind == "producer") && !of_database(f);
    if let Some(calls) = traced(manifest, to_others) {
        panels.extend([
            by_function(
                seconds(),
                "Calls to others: p95 by function",
                quantile(0.95, calls.clone()),
            ),
            by_function(Unit::Part, "Calls to others: error rate", share(&calls)),
            by_function(Unit::Requests, "Calls to others per second", rate(calls)),
        ]);
    }
    let name = "http.client.request.duration";
    if has(manifest, name, "server.address") {
        let by = &["server.address"];
        let lines = |query| vec![Series::of(query, "").by(by)];
        panels.extend([
            Panel::lines(
                seconds(),
                "HTTP requests to others: p95 by server",
                lines(quantile(0.95, all(name))),
            ),
            Panel::lines(
                Unit::Requests,
                "HTTP requests to others per second",
                lines(rate(all(name))),
            ),
        ]);
    }
    panels
}

fn saturation(manifest: &Manifest) -> Vec<Panel> {
    let mut panels = Vec::new();
    let level = |name: &str| Query::Level { of: all(name) };
    let name = "http.server.active_requests";
    if let Some(active) = metric(manifest, name) {
        let lines = vec![Series::of(level(name), "requests")];
        panels.push(
            Panel::lines(Unit::Of(String::new()), "Requests in flight", lines).about(&active.help),
        );
    }
    let name = "function.in_flight";
    if metric(manifest, name).is_some() && manifest.functions.iter().any(|f| f.in_flight) {
        panels.push(by_function(
            Unit::Of(String::new()),
            "Calls in flight",
            level(name),
        ));
    }
    for full in signals::saturations(manifest) {
        let title = names::title(&full.metric.name);
        let title = match full.query {
            Query::Fraction { .. } => format!("{title}, ratio of the maximum"),
            _ => title,
        };
        let panel = Panel::lines(
            full.unit,
            &title,
            vec![Series::of(full.query, names::last(&full.metric.name))],
        );
        panels.push(panel.about(format!("{}: {}", full.metric.name, full.metric.help)));
    }
    panels
}

/// Returns the panel of dropped telemetry, by which the numbers on the dashboards are too low.
fn telemetry(manifest: &Manifest) -> Vec<Panel> {
    let names = ["instrumental.dropped", "instrumental.lost"];
    let found = names.iter().filter(|name| has(manifest, name, "reason"));
    let panels = found.filter_map(|name| {
        let metric = metric(manifest, name)?;
        let lines = vec![Series::of(rate(all(name)), "").by(&["reason"])];
        Some(Panel::lines(Unit::PerSecond, names::title(name), lines).about(&metric.help))
    });
    panels.collect()
}
