//! The manifest: everything the program can report, and how it is configured to report it, for `cargo instrumental`.
//!
//! The format is declared in the crate `instrumental-manifest`; this module fills its types.

mod alert;
mod parts;

use super::self_metrics;
use crate::base::settings::Identity;
use crate::base::text::{datadog, prometheus};
use crate::collect::registry;
use crate::collect::trace::sampling::Sampling;
use crate::model::event::EventSite;
use crate::model::family::{self, FamilySpec, built_in};
use crate::model::label::LabelSpec;
use crate::model::site::Site;
use crate::model::spec::flag;
use instrumental_manifest as format;
use instrumental_manifest::{
    Config, Endpoint, Event, Function, Label, Manifest, Metric, MetricKind, Objective, Origin,
    SampleRule, Service, VERSION, Variable, is_in_library,
};
use parts::{owned, place};

/// How the program is configured to report.
pub(crate) struct Setup {
    pub(crate) identity: Identity,
    /// Messages about invalid settings.
    pub(crate) faults: Vec<String>,
    pub(crate) features: Vec<&'static str>,
    pub(crate) log_filter: String,
    pub(crate) sampling: Sampling,
    pub(crate) backends: Vec<Backend>,
    /// Environment variables that are set, without secrets.
    pub(crate) environment: Vec<(String, String)>,
    /// Environment variables that were read, whether set or not.
    pub(crate) asked: Vec<&'static str>,
}

/// A backend that is on.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    /// Signals and their addresses.
    pub(crate) endpoints: Vec<(&'static str, String)>,
    pub(crate) error_sample_rate: Option<f64>,
}

/// Returns the manifest as JSON.
pub(crate) fn json(setup: &Setup) -> String {
    manifest(setup).to_json()
}

fn manifest(setup: &Setup) -> Manifest {
    let mut sites: Vec<_> = registry::sites().collect();
    sites.sort_by_key(|site| (site.function(), site.spec().file, site.spec().line));
    let mut events: Vec<_> = registry::events().collect();
    events.sort_by_key(|event| (event.spec().name, event.spec().file, event.spec().line));
    let mut alerts: Vec<_> = registry::alerts().collect();
    alerts.sort_by_key(|alert| (alert.severity.as_str(), alert.name, alert.file, alert.line));
    let identity = &setup.identity;
    Manifest {
        manifest: VERSION,
        instrumental: env!("CARGO_PKG_VERSION").to_owned(),
        service: Service {
            name: identity.service.clone(),
            environment: identity.environment.clone(),
            version: identity.version.clone(),
        },
        functions: sites.into_iter().map(function).collect(),
        metrics: metrics()
            .into_iter()
            .map(|(spec, origin)| metric(spec, origin))
            .collect(),
        events: events.into_iter().map(event).collect(),
        alerts: alerts.into_iter().map(alert::alert).collect(),
        config: config(setup),
    }
}

/// Returns every metric with its origin, sorted by name.
fn metrics() -> Vec<(&'static FamilySpec, Origin)> {
    let library = built_in::ALL
        .into_iter()
        .chain(self_metrics::FAMILIES.iter().map(|family| &family.spec));
    let mut all: Vec<_> = library.map(|spec| (spec, Origin::Library)).collect();
    all.extend(registry::families().map(|family| {
        let spec = &family.spec;
        let origin = match is_in_library(spec.module) {
            true => Origin::Library,
            false => Origin::Catalog,
        };
        (spec, origin)
    }));
    for site in registry::events() {
        let measures = site.measures.iter().map(|family| &family.spec);
        let specs = std::iter::once(&site.counter.spec).chain(measures);
        all.extend(specs.map(|spec| (spec, Origin::Event)));
    }
    all.sort_by_key(|(spec, _)| (spec.name, spec.file, spec.line));
    all
}

fn function(site: &'static Site) -> Function {
    let spec = site.spec();
    Function {
        name: site.function().to_owned(),
        place: place(spec.file, spec.line, spec.module),
        owner: spec.owner.to_owned(),
        fields: owned(spec.fields),
        kind: spec.kind.as_str().to_owned(),
        traced: site.has(flag::TRACED),
        captures: site.has(flag::CAPTURE),
        in_flight: site.has(flag::IN_FLIGHT),
        slow: (spec.slow_nanos > 0).then_some(spec.slow_nanos as f64 / 1e9),
        objective: spec.objective.as_ref().map(|objective| Objective {
            success_percent: objective.success_percent,
            latency: objective.latency_nanos as f64 / 1e9,
            latency_percent: objective.latency_percent,
        }),
    }
}

fn metric(spec: &FamilySpec, origin: Origin) -> Metric {
    Metric {
        name: spec.name.to_owned(),
        kind: match spec.kind {
            family::MetricKind::Counter => MetricKind::Counter,
            family::MetricKind::Gauge => MetricKind::Gauge,
            family::MetricKind::Histogram => MetricKind::Histogram,
        },
        unit: spec.unit.to_owned(),
        help: spec.help.trim().to_owned(),
        labels: spec.labels.iter().map(label).collect(),
        owner: spec.owner.to_owned(),
        budget: spec.budget as u64,
        place: place(spec.file, spec.line, spec.module),
        origin,
        prometheus: prometheus::metric(spec.name, spec.unit_word, spec.kind),
        datadog: datadog::name(spec.name),
    }
}

fn label(spec: &LabelSpec) -> Label {
    let known = if spec.dynamic { 0 } else { spec.cardinality };
    Label {
        name: spec.name.to_owned(),
        prometheus: prometheus::label(spec.name),
        values: (0..known).map(|n| (spec.value)(n).to_owned()).collect(),
        limit: spec.cardinality as u64,
    }
}

fn event(site: &'static EventSite) -> Event {
    let spec = site.spec();
    let measures = site.measures().iter().map(|family| family.spec.name);
    Event {
        name: spec.name.to_owned(),
        help: spec.help.trim().to_owned(),
        fields: owned(spec.fields),
        measures: measures.map(str::to_owned).collect(),
        owner: spec.owner.to_owned(),
        place: place(spec.file, spec.line, spec.module),
    }
}

fn config(setup: &Setup) -> Config {
    let rules = setup.sampling.rules.iter();
    let environment = setup.environment.iter();
    Config {
        faults: setup.faults.clone(),
        features: owned(&setup.features),
        log_filter: setup.log_filter.clone(),
        sample_rate: setup.sampling.rate,
        sample_rules: rules
            .map(|rule| SampleRule {
                name: rule.name.to_string(),
                rate: rule.rate,
            })
            .collect(),
        keep_notable: setup.sampling.keep_notable,
        backends: setup.backends.iter().map(backend).collect(),
        environment: environment
            .map(|(name, value)| Variable {
                name: name.clone(),
                value: value.clone(),
            })
            .collect(),
        asked: owned(&setup.asked),
    }
}

fn backend(backend: &Backend) -> format::Backend {
    let endpoints = backend.endpoints.iter();
    format::Backend {
        name: backend.name.to_owned(),
        endpoints: endpoints
            .map(|(signal, address)| Endpoint {
                signal: (*signal).to_owned(),
                address: address.clone(),
            })
            .collect(),
        error_sample_rate: backend.error_sample_rate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_of_the_library_is_listed_once() {
        let names: Vec<_> = metrics().iter().map(|(spec, _)| spec.name).collect();
        for name in [
            "function.duration",
            "function.errors",
            "instrumental.dropped",
        ] {
            assert_eq!(
                names.iter().filter(|known| **known == name).count(),
                1,
                "{name}"
            );
        }
    }
}
