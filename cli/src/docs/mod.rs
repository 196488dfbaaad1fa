//! `docs`: a reference of everything that a program can report, as Markdown.

use crate::failure::Failure;
use crate::manifest::{
    Alert, Event, Function, LIBRARY, Label, Manifest, Metric, Origin, Place, is_of_library,
};
use crate::markdown::{code, head, prose, row, text};
use crate::output;
use crate::words;
use clap::Args;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Values of a label that are spelt out.
const MAX_VALUES: usize = 12;

/// Where it goes.
#[derive(Args, Debug)]
pub(crate) struct Docs {
    /// Writes this file, whole, instead of printing.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

impl Docs {
    pub(crate) fn run(&self, manifest: &Manifest) -> Result<(), Failure> {
        let text = render(manifest);
        match &self.out {
            Some(file) => output::replace(file, &text),
            None => output::print(&text),
        }
    }
}

/// What one module reports.
/// Where it is declared: a path within the repository. One outside it (the library, a dependency) differs from machine to
/// machine and would change a file that is kept, so that its module stands for it.
fn source(place: &Place) -> String {
    if Path::new(&place.file).is_absolute() {
        return place.module.clone();
    }
    place.source()
}

#[derive(Default)]
struct Module<'a> {
    metrics: Vec<&'a Metric>,
    events: Vec<&'a Event>,
    functions: Vec<&'a Function>,
    alerts: Vec<&'a Alert>,
}

fn render(manifest: &Manifest) -> String {
    let service = &manifest.service;
    let mut out = format!(
        "# What {} reports\n\nWritten by `cargo instrumental docs` from the program itself; changes belong in its \
         source.\n\n{} functions, {} metrics, {} events, {} alerts.\n",
        text(&service.name),
        manifest.functions.len(),
        manifest.metrics.len(),
        manifest.events.len(),
        manifest.alerts.len(),
    );
    let (library, own): (Vec<_>, Vec<_>) = modules(manifest)
        .into_iter()
        .partition(|(name, _)| is_of_library(name));
    for (name, module) in own {
        let _ = write!(out, "\n## {}\n", text(name));
        metrics(&mut out, &module.metrics);
        events(&mut out, &module.events, manifest);
        functions(&mut out, &module.functions);
        alerts(&mut out, &module.alerts);
    }
    let modules = library.iter().map(|(_, module)| module);
    let all: Vec<_> = modules.clone().flat_map(|m| &m.metrics).copied().collect();
    let calls: Vec<_> = modules.flat_map(|m| &m.functions).copied().collect();
    if !library.is_empty() {
        out.push_str("\n## Of the library\n\nOf calls, requests and telemetry itself.\n");
        metrics(&mut out, &all);
        functions(&mut out, &calls);
    }
    out
}

fn modules(manifest: &Manifest) -> BTreeMap<&str, Module<'_>> {
    let mut modules: BTreeMap<&str, Module<'_>> = BTreeMap::new();
    for metric in &manifest.metrics {
        let module = match metric.origin {
            Origin::Library => LIBRARY,
            _ => metric.place.module.as_str(),
        };
        let module = modules.entry(module).or_default();
        module.metrics.push(metric);
    }
    for event in &manifest.events {
        let module = modules.entry(&event.place.module).or_default();
        module.events.push(event);
    }
    for function in &manifest.functions {
        let module = modules.entry(&function.place.module).or_default();
        module.functions.push(function);
    }
    for alert in &manifest.alerts {
        let module = modules.entry(&alert.place.module).or_default();
        module.alerts.push(alert);
    }
    modules
}

fn metrics(out: &mut String, metrics: &[&Metric]) {
    if metrics.is_empty() {
        return;
    }
    out.push_str("\n### Metrics\n\n");
    out.push_str(&head(&[
        "Metric",
        "Kind",
        "Unit",
        "Labels",
        "What it says",
        "Prometheus",
        "Datadog",
        "Owner",
        "Source",
    ]));
    for metric in metrics {
        let labels: Vec<_> = metric.labels.iter().map(label).collect();
        out.push_str(&row(&[
            code(&metric.name),
            metric.kind.word().into(),
            code(&metric.unit),
            labels.join("<br>"),
            text(&metric.help),
            code(&metric.prometheus),
            code(&metric.datadog),
            text(&metric.owner),
            code(&source(&metric.place)),
        ]));
    }
}

/// A label with its values.
fn label(label: &Label) -> String {
    let shown: Vec<_> = label
        .values
        .iter()
        .take(MAX_VALUES)
        .map(|v| code(v))
        .collect();
    let mut values = shown.join(", ");
    if label.values.len() > MAX_VALUES {
        let _ = write!(values, " and {} more", label.values.len() - MAX_VALUES);
    } else if label.values.is_empty() && label.limit > 0 {
        values = format!("up to {} values", label.limit);
    }
    match values.is_empty() {
        true => code(&label.name),
        false => format!("{}: {values}", code(&label.name)),
    }
}

fn events(out: &mut String, events: &[&Event], manifest: &Manifest) {
    if events.is_empty() {
        return;
    }
    out.push_str("\n### Business events\n\n");
    out.push_str(&head(&[
        "Event",
        "Fields",
        "Measures",
        "What it says",
        "Owner",
        "Source",
    ]));
    let unit = |measure: &str| {
        let metric = manifest
            .metrics
            .iter()
            .find(|metric| metric.name == measure);
        metric.map_or("", |metric| metric.unit.as_str())
    };
    for event in events {
        let measures = event.measures.iter().map(|measure| {
            let unit = code(unit(measure));
            format!("{} {unit}", code(measure)).trim_end().to_owned()
        });
        out.push_str(&row(&[
            code(&event.name),
            codes(&event.fields),
            measures.collect::<Vec<_>>().join("<br>"),
            text(&event.help),
            text(&event.owner),
            code(&source(&event.place)),
        ]));
    }
}

fn codes(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| code(text)).collect();
    texts.join(", ")
}

fn functions(out: &mut String, functions: &[&Function]) {
    if functions.is_empty() {
        return;
    }
    out.push_str("\n### Functions\n\n");
    out.push_str(&head(&[
        "Function",
        "Kind",
        "Reports",
        "Fields",
        "Objective",
        "Slow from",
        "Owner",
        "Source",
    ]));
    for function in functions {
        let reports = [
            (function.traced, "spans and metrics"),
            (function.captures, "errors"),
            (function.in_flight, "running calls"),
        ];
        let reports = reports.iter().filter(|(on, _)| *on).map(|(_, what)| *what);
        out.push_str(&row(&[
            code(&function.name),
            text(&function.kind),
            reports.collect::<Vec<_>>().join(", "),
            codes(&function.fields),
            objective(function),
            function.slow.map(words::time).unwrap_or_default(),
            text(&function.owner),
            code(&source(&function.place)),
        ]));
    }
}

/// `99.9% succeed; 99% within 250 ms`.
fn objective(function: &Function) -> String {
    let Some(objective) = &function.objective else {
        return String::new();
    };
    let mut parts = Vec::new();
    if objective.success_percent > 0.0 {
        parts.push(format!("{}% succeed", objective.success_percent));
    }
    if objective.latency > 0.0 {
        let latency = words::time(objective.latency);
        parts.push(format!("{}% within {latency}", objective.latency_percent));
    }
    parts.join("; ")
}

fn alerts(out: &mut String, alerts: &[&Alert]) {
    for (n, alert) in alerts.iter().enumerate() {
        if n == 0 {
            out.push_str("\n### Alerts\n");
        }
        let _ = write!(
            out,
            "\n#### {} ({:?})\n\n{}\n\n",
            text(&alert.name),
            alert.severity,
            text(&alert.summary)
        );
        let told = alert.notify.join(", ");
        for (what, value) in [
            ("Fires when", text(&words::condition(&alert.condition))),
            ("Impact", text(&alert.impact)),
            ("Owner", text(&alert.owner)),
            ("Told besides", text(&told)),
            ("Runbook", code(&alert.runbook)),
            ("Source", code(&source(&alert.place))),
        ] {
            if !value.is_empty() {
                let _ = writeln!(out, "- **{what}:** {value}");
            }
        }
        for fault in &alert.unresolved {
            let _ = writeln!(out, "- **Does not work:** {}", prose(fault));
        }
    }
}

#[cfg(test)]
mod tests;
