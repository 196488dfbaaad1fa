//! The manifest: everything the program can report, and how it is set up to report it, as JSON for `cargo instrumental`.

mod alert;

use super::own;
use crate::base::settings::Identity;
use crate::base::text::json::{Object, list, object};
use crate::base::text::{datadog, prometheus};
use crate::collect::registry;
use crate::collect::trace::sampling::Sampling;
use crate::model::event::EventSite;
use crate::model::family::{FamilySpec, built_in};
use crate::model::label::LabelSpec;
use crate::model::site::{Site, flag};

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
    /// Variables that were asked for, whether set or not.
    pub(crate) asked: Vec<&'static str>,
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
        manifest.plain("manifest", VERSION);
        manifest.text("instrumental", env!("CARGO_PKG_VERSION"));
        manifest.object("service", |service| {
            service.text("name", &setup.identity.service);
            service.text("environment", &setup.identity.environment);
            service.optional("version", setup.identity.version.as_deref());
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
            alert::write(out, spec)
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
        let is_of_library =
            spec.module == "instrumental" || spec.module.starts_with("instrumental::");
        (spec, if is_of_library { "library" } else { "catalog" })
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
    object.plain(key, value);
}

fn place(object: &mut Object<'_>, file: &str, line: u32, module: &str) {
    object.text("file", within_package(file));
    object.plain("line", line);
    object.text("module", module);
}

/// The path of a source file as its package has it. That of a dependency begins where this machine keeps it, which is
/// nobody's business and differs from machine to machine.
fn within_package(file: &str) -> &str {
    if !std::path::Path::new(file).is_absolute() {
        return file;
    }
    let package = file.rfind("/src/").map_or("", |at| &file[..at]);
    let before = package.rfind('/').map_or(0, |at| at + 1);
    &file[before..]
}

fn function(out: &mut String, site: &'static Site) {
    let spec = site.spec();
    object(out, |function| {
        function.text("name", site.function());
        place(function, spec.file, spec.line, spec.module);
        function.text("owner", spec.owner);
        function.texts("fields", spec.fields);
        function.text("kind", spec.kind.as_str());
        for (key, flag) in [
            ("traced", flag::TRACED),
            ("captures", flag::CAPTURE),
            ("in_flight", flag::IN_FLIGHT),
        ] {
            function.plain(key, site.has(flag));
        }
        if spec.slow_nanos == 0 {
            function.null("slow");
        } else {
            number(function, "slow", spec.slow_nanos as f64 / 1e9);
        }
        let Some(objective) = &spec.objective else {
            return function.null("objective");
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
        metric.plain("budget", spec.budget);
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
        object.texts("values", &values);
        object.plain("limit", label.cardinality);
    });
}

fn event(out: &mut String, site: &'static EventSite) {
    let spec = site.spec();
    object(out, |event| {
        event.text("name", spec.name);
        event.text("help", spec.help.trim());
        event.texts("fields", spec.fields);
        let measures: Vec<_> = site
            .measures()
            .iter()
            .map(|family| family.spec.name)
            .collect();
        event.texts("measures", &measures);
        event.text("owner", spec.owner);
        place(event, spec.file, spec.line, spec.module);
    });
}

fn config(out: &mut Object<'_>, setup: &Setup) {
    out.texts("faults", &setup.faults);
    out.texts("features", &setup.features);
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
    out.plain("keep_notable", setup.sampling.keep_notable);
    list(out.key("backends"), &setup.backends, backend);
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
    out.texts("asked", &setup.asked);
}

fn backend(out: &mut String, backend: &Backend) {
    object(out, |object| {
        object.text("name", backend.name);
        let endpoints = object.key("endpoints");
        list(endpoints, &backend.endpoints, |out, (signal, address)| {
            self::object(out, |endpoint| {
                endpoint.text("signal", signal);
                endpoint.text("address", address);
            });
        });
        match backend.error_sample_rate {
            Some(rate) => number(object, "error_sample_rate", rate),
            None => object.null("error_sample_rate"),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_dependencies_begin_with_their_package() {
        for (file, shown) in [
            ("src/pay.rs", "src/pay.rs"),
            (
                "/home/a/.cargo/registry/src/index-1/shop-1.2.3/src/a/b.rs",
                "shop-1.2.3/src/a/b.rs",
            ),
            ("/b.rs", "/b.rs"),
        ] {
            assert_eq!(within_package(file), shown);
        }
    }

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
