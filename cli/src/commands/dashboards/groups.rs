//! One dashboard for each subject: a module of the catalog, and the events with the same first word.

use super::names;
use super::panel::{Dashboard, Over, Panel, Section, Series, Unit};
use super::signals::{self, adds_up, all, is_measure, quantile};
use instrumental_manifest::{Manifest, Metric, MetricKind, Origin, Query};

/// The window of sums and counts over time. Rare events would be single spikes with a shorter one.
const HOUR: f64 = 3600.0;

/// Returns the dashboards in the order of their names.
pub(super) fn dashboards(manifest: &Manifest) -> Vec<Dashboard> {
    let names = manifest
        .metrics
        .iter()
        .filter(|metric| metric.origin != Origin::Library);
    let mut things: Vec<_> = names.map(|metric| names::group(&metric.name)).collect();
    things.sort_unstable();
    things.dedup();
    things
        .iter()
        .map(|thing| dashboard(manifest, thing))
        .collect()
}

fn dashboard(manifest: &Manifest, thing: &str) -> Dashboard {
    let of_thing = manifest
        .metrics
        .iter()
        .filter(|metric| metric.origin != Origin::Library && names::group(&metric.name) == thing);
    let metrics: Vec<_> = of_thing.collect();
    let rates = signals::success_rates(manifest, thing);
    let mut day: Vec<_> = metrics.iter().flat_map(|metric| numbers(metric)).collect();
    day.extend(
        rates
            .iter()
            .map(|rate| Panel::day(Unit::Part, &rate.title, rate.query.clone()).about(&rate.about)),
    );
    let with = |wanted: fn(&Metric) -> bool| metrics.iter().filter(move |metric| wanted(metric));
    let counters = with(|metric| metric.kind == MetricKind::Counter);
    let mut over_time: Vec<_> = counters.flat_map(|metric| counter(metric)).collect();
    over_time.extend(rates.iter().map(|rate| {
        let lines = vec![Series::of(rate.query.clone(), &rate.title)];
        let mut panel = Panel::lines(Unit::Part, &rate.title, lines);
        panel.over = Over::Window(HOUR);
        panel.about(&rate.about)
    }));
    let measures = with(is_measure).flat_map(|metric| measure(metric));
    let histograms = with(|metric| metric.kind == MetricKind::Histogram && !is_measure(metric));
    let gauges = with(|metric| metric.kind == MetricKind::Gauge);
    let sections = [
        Section::of("Last 24 hours", day),
        Section::of("What happens", over_time),
        Section::of("Measures", measures.collect()),
        Section::of(
            "Distributions",
            histograms.flat_map(|metric| histogram(metric)).collect(),
        ),
        Section::of("Levels", gauges.flat_map(|metric| gauge(metric)).collect()),
    ];
    Dashboard {
        key: name(&metrics, thing),
        title: names::title(&name(&metrics, thing)),
        about: format!("What the program reports about {}.", name(&metrics, thing)),
        sections: sections.into_iter().flatten().collect(),
    }
}

/// Returns the name of a subject as in the catalog (`payments`, `auth`, `db`); a subject of events only is in plural.
fn name(metrics: &[&Metric], thing: &str) -> String {
    let catalog = metrics
        .iter()
        .find(|metric| metric.origin == Origin::Catalog);
    let spelling = catalog.map(|metric| names::split(&metric.name).0.to_owned());
    spelling.unwrap_or_else(|| names::plural(thing))
}

/// Returns the description of a metric. A measure has that of its event.
fn about(panel: Panel, metric: &Metric) -> Panel {
    panel.about(match is_measure(metric) {
        true => metric.name.clone(),
        false => format!("{}: {}", metric.name, metric.help),
    })
}

/// Returns "Payments released: amount" for the measure `payment.released.amount`, and a title of the name for others.
pub(super) fn title(metric: &Metric) -> String {
    match metric.name.rsplit_once('.') {
        Some((event, field)) if is_measure(metric) => {
            format!("{}: {}", names::happening(event), field.replace('_', " "))
        }
        _ => names::happening(&metric.name),
    }
}

/// Returns the numbers of the last 24 hours, or the current value of a gauge.
fn numbers(metric: &Metric) -> Vec<Panel> {
    let title = title(metric);
    let unit = signals::unit(metric);
    let of = || all(&metric.name);
    let panels = match metric.kind {
        MetricKind::Counter => vec![Panel::day(unit, title, Query::Increase { of: vec![of()] })],
        MetricKind::Gauge => vec![Panel::now(
            unit,
            format!("{title} now"),
            Query::Level { of: of() },
        )],
        MetricKind::Histogram => {
            let total = Panel::day(
                unit.clone(),
                format!("{title}, total"),
                Query::Total { of: vec![of()] },
            );
            let average = Panel::day(
                unit,
                format!("{title}, average"),
                Query::Average { of: of() },
            );
            let total = (is_measure(metric) || adds_up(&metric.unit)).then_some(total);
            total.into_iter().chain([average]).collect()
        }
    };
    panels
        .into_iter()
        .map(|panel| about(panel, metric))
        .collect()
}

/// Returns one panel for the total, and one for each label.
fn split(
    metric: &Metric,
    unit: &Unit,
    title: &str,
    over: Over,
    query: impl Fn() -> Query,
) -> Vec<Panel> {
    let mut panels = Vec::new();
    let mut whole = Panel::lines(unit.clone(), title, vec![Series::of(query(), title)]);
    whole.over = over;
    panels.push(whole);
    for label in &metric.labels {
        let title = format!("{title}, by {}", label.name);
        let mut panel = Panel::lines(
            unit.clone(),
            title,
            vec![Series::of(query(), "").by(&[&label.name])],
        );
        panel.over = over;
        panels.push(panel);
    }
    panels
        .into_iter()
        .map(|panel| about(panel, metric))
        .collect()
}

fn counter(metric: &Metric) -> Vec<Panel> {
    let name = format!("{} per second", title(metric));
    split(metric, &Unit::PerSecond, &name, Over::Point, || {
        Query::Rate {
            of: vec![all(&metric.name)],
        }
    })
}

fn measure(metric: &Metric) -> Vec<Panel> {
    let unit = signals::unit(metric);
    let total = format!("{}, total per hour", title(metric));
    let average = format!("{}, average", title(metric));
    let mut panels = split(metric, &unit, &total, Over::Window(HOUR), || Query::Total {
        of: vec![all(&metric.name)],
    });
    panels.extend(split(metric, &unit, &average, Over::Window(HOUR), || {
        Query::Average {
            of: all(&metric.name),
        }
    }));
    panels
}

fn histogram(metric: &Metric) -> Vec<Panel> {
    let unit = signals::unit(metric);
    let of = || all(&metric.name);
    let quantiles = [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")];
    let quantiles = quantiles.map(|(q, name)| Series::of(quantile(q, of()), name));
    let mut lines: Vec<_> = quantiles.into();
    lines.push(Series::of(Query::Average { of: of() }, "average"));
    let mut panels = vec![about(
        Panel::lines(unit.clone(), title(metric), lines),
        metric,
    )];
    for label in &metric.labels {
        let title = format!("{}, p95 by {}", title(metric), label.name);
        let lines = vec![Series::of(quantile(0.95, of()), "").by(&[&label.name])];
        panels.push(about(Panel::lines(unit.clone(), title, lines), metric));
    }
    if adds_up(&metric.unit) {
        let total = format!("{}, total per hour", title(metric));
        panels.extend(split(metric, &unit, &total, Over::Window(HOUR), || {
            Query::Total { of: vec![of()] }
        }));
    }
    panels
}

fn gauge(metric: &Metric) -> Vec<Panel> {
    let unit = signals::unit(metric);
    split(metric, &unit, &title(metric), Over::Point, || {
        Query::Level {
            of: all(&metric.name),
        }
    })
}
