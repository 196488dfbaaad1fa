//! The manifest: everything the program can report, and how it is set up to report it, as JSON for `cargo instrumental`.

use super::own;
use crate::model::alert::{AlertSpec, Compare, Condition, Expression, Is, Selection};
use crate::model::event::EventSite;
use crate::model::family::{FamilySpec, built_in};
use crate::model::label::LabelSpec;
use crate::model::site::{Site, flag};
use crate::registry;
use crate::settings::Identity;
use crate::text::json::{Object, list, object, quoted};
use crate::text::{datadog, prometheus};
use crate::trace::sampling::Sampling;
use std::fmt::Write as _;

/// The version of the format. A change that its readers would not understand raises it.
const VERSION: u32 = 1;

/// How the program is set up to report.
pub(crate) struct Setup {
    pub(crate) identity: Identity,
    /// What is wrong with the settings, as sentences.
    pub(crate) faults: Vec<String>,
    pub(crate) features: Vec<&'static str>,
    pub(crate) log_filter: String,
    pub(crate) sampling: Sampling,
    pub(crate) backends: Vec<Backend>,
    /// Variables of the environment that are set, without secrets.
    pub(crate) environment: Vec<(String, String)>,
}

/// A backend that is on.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    /// Where which signal goes.
    pub(crate) endpoints: Vec<(&'static str, String)>,
    pub(crate) error_sample_rate: Option<f64>,
}

/// Writes the manifest.
pub(crate) fn json(setup: &Setup) -> String {
    let mut out = String::new();
    object(&mut out, |manifest| {
        number(manifest, "manifest", f64::from(VERSION));
        manifest.text("instrumental", env!("CARGO_PKG_VERSION"));
        manifest.object("service", |service| {
            service.text("name", &setup.identity.service);
            service.text("environment", &setup.identity.environment);
            optional(service, "version", setup.identity.version.as_deref());
        });
        let mut sites: Vec<_> = registry::sites().collect();
        sites.sort_by_key(|site| (site.function(), site.spec().file, site.spec().line));
        list(manifest.key("functions"), &sites, |out, site| {
            function(out, site)
        });
        list(
            manifest.key("metrics"),
            &metrics(),
            |out, (spec, origin)| metric(out, spec, origin),
        );
        let mut events: Vec<_> = registry::events().collect();
        events.sort_by_key(|event| (event.spec().name, event.spec().file, event.spec().line));
        list(manifest.key("events"), &events, |out, site| {
            event(out, site)
        });
        let mut alerts: Vec<_> = registry::alerts().collect();
        alerts.sort_by_key(|alert| (alert.severity.as_str(), alert.name, alert.file, alert.line));
        list(manifest.key("alerts"), &alerts, |out, spec| {
            alert(out, spec)
        });
        manifest.object("config", |config| self::config(config, setup));
    });
    out.push('\n');
    out
}

/// Every metric, with where it comes from, by name.
fn metrics() -> Vec<(&'static FamilySpec, &'static str)> {
    let library = built_in::ALL
        .into_iter()
        .chain(own::FAMILIES.iter().map(|family| &family.spec));
    let mut all: Vec<_> = library.map(|spec| (spec, "library")).collect();
    all.extend(registry::families().map(|family| {
        let spec = &family.spec;
        let is_ours = spec.module == "instrumental" || spec.module.starts_with("instrumental::");
        (spec, if is_ours { "library" } else { "catalog" })
    }));
    for site in registry::events() {
        all.push((&site.counter.spec, "event"));
        all.extend(site.measures.iter().map(|family| (&family.spec, "event")));
    }
    all.sort_by_key(|(spec, _)| (spec.name, spec.file, spec.line));
    all
}

fn number(object: &mut Object<'_>, key: &str, value: f64) {
    // JSON has no other numbers.
    let value = if value.is_finite() { value } else { 0.0 };
    let _ = write!(object.key(key), "{value}");
}

fn switch(object: &mut Object<'_>, key: &str, value: bool) {
    let _ = write!(object.key(key), "{value}");
}

fn optional(object: &mut Object<'_>, key: &str, text: Option<&str>) {
    match text {
        Some(text) => object.text(key, text),
        None => object.key(key).push_str("null"),
    }
}

fn texts<T: AsRef<str>>(object: &mut Object<'_>, key: &str, texts: &[T]) {
    list(object.key(key), texts, |out, text| {
        quoted(out, text.as_ref())
    });
}

fn place(object: &mut Object<'_>, file: &str, line: u32, module: &str) {
    object.text("file", file);
    number(object, "line", f64::from(line));
    object.text("module", module);
}

fn function(out: &mut String, site: &'static Site) {
    let spec = site.spec();
    object(out, |function| {
        function.text("name", site.function());
        place(function, spec.file, spec.line, spec.module);
        function.text("owner", spec.owner);
        texts(function, "fields", spec.fields);
        function.text("kind", spec.kind.as_str());
        for (key, flag) in [
            ("traced", flag::TRACED),
            ("captures", flag::CAPTURE),
            ("in_flight", flag::IN_FLIGHT),
        ] {
            switch(function, key, site.has(flag));
        }
        if spec.slow_nanos == 0 {
            function.key("slow").push_str("null");
        } else {
            number(function, "slow", spec.slow_nanos as f64 / 1e9);
        }
        let Some(objective) = &spec.objective else {
            return function.key("objective").push_str("null");
        };
        function.object("objective", |out| {
            number(out, "success_percent", objective.success_percent);
            number(out, "latency", objective.latency_nanos as f64 / 1e9);
            number(out, "latency_percent", objective.latency_percent);
        });
    });
}

fn metric(out: &mut String, spec: &FamilySpec, origin: &str) {
    object(out, |metric| {
        metric.text("name", spec.name);
        metric.text("kind", spec.kind.as_str());
        metric.text("unit", spec.unit);
        metric.text("help", spec.help.trim());
        list(metric.key("labels"), spec.labels, label);
        metric.text("owner", spec.owner);
        number(metric, "budget", spec.budget as f64);
        place(metric, spec.file, spec.line, spec.module);
        metric.text("origin", origin);
        let name = prometheus::metric(spec.name, spec.unit_word, spec.kind);
        metric.text("prometheus", &name);
        metric.text("datadog", &datadog::name(spec.name));
    });
}

fn label(out: &mut String, label: &LabelSpec) {
    object(out, |object| {
        object.text("name", label.name);
        object.text("prometheus", &prometheus::label(label.name));
        let numbers = if label.dynamic { 0 } else { label.cardinality };
        let values: Vec<_> = (0..numbers).map(label.value).collect();
        texts(object, "values", &values);
        number(object, "limit", label.cardinality as f64);
    });
}

fn event(out: &mut String, site: &'static EventSite) {
    let spec = site.spec();
    object(out, |event| {
        event.text("name", spec.name);
        event.text("help", spec.help.trim());
        texts(event, "fields", spec.fields);
        let measures: Vec<_> = site
            .measures()
            .iter()
            .map(|family| family.spec.name)
            .collect();
        texts(event, "measures", &measures);
        event.text("owner", spec.owner);
        place(event, spec.file, spec.line, spec.module);
    });
}

fn alert(out: &mut String, spec: &AlertSpec) {
    // It is the program's own code, and one that panics takes no other alert with it.
    let condition = std::panic::catch_unwind(spec.condition);
    let mut unresolved = Vec::new();
    let condition = condition.unwrap_or_else(|_| {
        unresolved.push(format!("`{}` panics", spec.name));
        crate::alerts::count(crate::alerts::all_calls()).above(0)
    });
    unresolved.extend(condition.unresolved.iter().cloned());
    object(out, |alert| {
        alert.text("name", spec.name);
        alert.text("severity", spec.severity.as_str());
        alert.text("summary", spec.summary.trim());
        alert.text("impact", spec.impact);
        alert.text("owner", spec.owner);
        alert.text("runbook", spec.runbook);
        texts(alert, "notify", spec.notify);
        place(alert, spec.file, spec.line, spec.module);
        alert.object("condition", |out| self::condition(out, &condition));
        texts(alert, "unresolved", &unresolved);
    });
}

fn condition(out: &mut Object<'_>, condition: &Condition) {
    out.object("query", |query| self::query(query, &condition.query));
    number(out, "window", condition.window.as_secs_f64());
    let compare = match condition.compare {
        Compare::Above => "above",
        Compare::Below => "below",
        Compare::Absent => "absent",
    };
    out.text("compare", compare);
    number(out, "threshold", condition.threshold);
    out.text("unit", condition.unit);
    number(out, "lasting", condition.lasting.as_secs_f64());
    match condition.past {
        Some(past) => number(out, "past", past.as_secs_f64()),
        None => out.key("past").push_str("null"),
    }
}

fn query(out: &mut Object<'_>, query: &Expression) {
    let kind = match query {
        Expression::Rate(_) => "rate",
        Expression::Increase(_) => "increase",
        Expression::Share(..) => "share",
        Expression::Quantile(..) => "quantile",
        Expression::Average(_) => "average",
        Expression::Total(_) => "total",
        Expression::Level(_) => "level",
        Expression::Fraction(..) => "fraction",
    };
    out.text("kind", kind);
    let several = |out: &mut Object<'_>, key, of: &[Selection]| list(out.key(key), of, selection);
    match query {
        Expression::Rate(of) | Expression::Increase(of) | Expression::Total(of) => {
            several(out, "of", of);
        }
        Expression::Share(part, whole) => {
            several(out, "part", part);
            several(out, "whole", whole);
        }
        Expression::Quantile(q, of) => {
            number(out, "q", *q);
            selection(out.key("of"), of);
        }
        Expression::Average(of) | Expression::Level(of) => selection(out.key("of"), of),
        Expression::Fraction(part, whole) => {
            selection(out.key("part"), part);
            selection(out.key("whole"), whole);
        }
    }
}

fn selection(out: &mut String, selection: &Selection) {
    object(out, |object| {
        object.text("metric", selection.metric);
        list(object.key("where"), &selection.matchers, |out, matcher| {
            self::object(out, |out| {
                out.text("label", matcher.label);
                let is = match matcher.is {
                    Is::In => "in",
                    Is::Prefix => "prefix",
                };
                out.text("is", is);
                texts(out, "values", &matcher.values);
            });
        });
    });
}

fn config(out: &mut Object<'_>, setup: &Setup) {
    texts(out, "faults", &setup.faults);
    texts(out, "features", &setup.features);
    out.text("log_filter", &setup.log_filter);
    number(out, "sample_rate", setup.sampling.rate);
    list(
        out.key("sample_rules"),
        &setup.sampling.rules,
        |out, rule| {
            object(out, |object| {
                object.text("name", &rule.name);
                number(object, "rate", rule.rate);
            });
        },
    );
    switch(out, "keep_notable", setup.sampling.keep_notable);
    list(out.key("backends"), &setup.backends, |out, backend| {
        object(out, |object| {
            object.text("name", backend.name);
            list(
                object.key("endpoints"),
                &backend.endpoints,
                |out, (signal, address)| {
                    self::object(out, |endpoint| {
                        endpoint.text("signal", signal);
                        endpoint.text("address", address);
                    });
                },
            );
            match backend.error_sample_rate {
                Some(rate) => number(object, "error_sample_rate", rate),
                None => object.key("error_sample_rate").push_str("null"),
            }
        });
    });
    list(
        out.key("environment"),
        &setup.environment,
        |out, (name, value)| {
            object(out, |object| {
                object.text("name", name);
                object.text("value", value);
            });
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_the_library_is_listed_once() {
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
