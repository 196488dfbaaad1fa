//! The business events of the last 24 hours: counts, sums and success rates.

use super::groups::title;
use super::names;
use super::overview::status;
use super::panel::{Dashboard, Panel, Section, Unit};
use super::signals::{self, Traffic, all, happenings, is_measure};
use instrumental_manifest::{Manifest, Metric, MetricKind, Origin, Query};

pub(super) fn dashboard(manifest: &Manifest) -> Option<Dashboard> {
    let happenings = happenings(manifest);
    let mut numbers: Vec<_> = happenings
        .iter()
        .map(|happening| count(happening.metric))
        .collect();
    numbers.extend(measures(manifest).map(total));
    if numbers.is_empty() {
        return None;
    }
    let mut things: Vec<_> = happenings
        .iter()
        .map(|happening| names::group(&happening.metric.name))
        .collect();
    things.sort_unstable();
    things.dedup();
    let traffic = Traffic::of(manifest);
    let first = [
        Section::of("Real-time status", status(manifest, traffic.as_ref())),
        Section::of("Business metrics (last 24 h)", numbers),
    ];
    let processing = things
        .iter()
        .filter_map(|thing| processing(manifest, thing));
    Some(Dashboard {
        key: "business".into(),
        title: "Business".into(),
        about: "Business events of the last 24 hours, regardless of the selected time range."
            .into(),
        sections: first.into_iter().flatten().chain(processing).collect(),
    })
}

fn measures(manifest: &Manifest) -> impl Iterator<Item = &Metric> {
    manifest.metrics.iter().filter(|metric| is_measure(metric))
}

fn count(metric: &Metric) -> Panel {
    let query = Query::Increase {
        of: vec![all(&metric.name)],
    };
    let panel = Panel::day(signals::unit(metric), title(metric), query);
    panel.about(format!("{}: {}", metric.name, metric.help))
}

fn total(metric: &Metric) -> Panel {
    let query = Query::Total {
        of: vec![all(&metric.name)],
    };
    let panel = Panel::day(
        signals::unit(metric),
        format!("{}, total", title(metric)),
        query,
    );
    panel.about(metric.name.clone())
}

/// Returns the panels about the processing of one thing, if its success or duration is recorded.
fn processing(manifest: &Manifest, thing: &str) -> Option<Section> {
    let of_thing = |metric: &&Metric| names::group(&metric.name) == thing;
    let rates = signals::success_rates(manifest, thing);
    let times = manifest.metrics.iter().filter(of_thing).filter(|metric| {
        metric.kind == MetricKind::Histogram
            && metric.origin == Origin::Catalog
            && metric.unit == "s"
    });
    let times: Vec<_> = times.collect();
    if rates.is_empty() && times.is_empty() {
        return None;
    }
    let mut panels: Vec<_> = measures(manifest).filter(of_thing).map(total).collect();
    let happenings = happenings(manifest);
    panels.extend(
        happenings
            .iter()
            .map(|h| h.metric)
            .filter(of_thing)
            .map(count),
    );
    panels.extend(
        rates
            .into_iter()
            .map(|rate| Panel::day(Unit::Part, rate.title, rate.query).about(rate.about)),
    );
    panels.extend(times.into_iter().map(|metric| {
        let query = Query::Average {
            of: all(&metric.name),
        };
        let panel = Panel::day(
            signals::unit(metric),
            format!("{}, average", title(metric)),
            query,
        );
        panel.about(format!("{}: {}", metric.name, metric.help))
    }));
    Section::of(
        format!("{} processing (last 24 h)", names::title(thing)),
        panels,
    )
}
