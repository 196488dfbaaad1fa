//! What an alert watches.

use crate::error::Error;
use crate::markdown::code;
use crate::query;
use instrumental_manifest::{Alert, Function, Manifest, Metric, Origin, Selection};

/// The metrics and functions that an alert watches.
pub(super) struct Watched<'m> {
    pub(super) metrics: Vec<&'m Metric>,
    pub(super) functions: Vec<&'m Function>,
}

impl<'m> Watched<'m> {
    pub(super) fn of(manifest: &'m Manifest, alert: &Alert) -> Result<Self, Error> {
        let (mut metrics, mut functions) = (Vec::<&Metric>::new(), Vec::<&Function>::new());
        for selection in query::selections(&alert.condition.query) {
            let metric = query::metric(manifest, &selection.metric)?;
            if !metrics.iter().any(|known| known.name == metric.name) {
                metrics.push(metric);
            }
            let names = function_names(selection);
            for function in &manifest.functions {
                let is_known = functions.iter().any(|known| std::ptr::eq(*known, function));
                if names.contains(&&function.name) && !is_known {
                    functions.push(function);
                }
            }
        }
        Ok(Self { metrics, functions })
    }

    /// Returns the files in which a change may have caused the alert. An alert on all requests or calls watches every
    /// function.
    pub(super) fn files(&self, manifest: &Manifest, alert: &Alert) -> Vec<String> {
        let metrics = self.metrics.iter();
        let metrics = metrics.filter(|metric| metric.origin != Origin::Library);
        let metrics = metrics.map(|metric| &metric.place.file);
        let functions = self.functions.iter().map(|function| &function.place.file);
        let mut files: Vec<String> = metrics.chain(functions).cloned().collect();
        if files.is_empty() {
            let own = manifest.functions.iter();
            let own = own.filter(|function| !function.place.is_in_library());
            files.extend(own.map(|function| function.place.file.clone()));
            files.push(alert.place.file.clone());
        }
        files.sort();
        files.dedup();
        files
    }
}

fn function_names(selection: &Selection) -> Vec<&String> {
    let matchers = selection.matchers.iter();
    let matchers = matchers.filter(|matcher| matcher.label == "function");
    matchers.flat_map(|matcher| &matcher.values).collect()
}

/// Returns the name of a function and its place, unless it is in the library.
pub(super) fn place(function: &Function) -> String {
    if function.place.is_in_library() {
        return code(&function.name);
    }
    let place = code(&function.place.source());
    format!("{} at {place}", code(&function.name))
}
