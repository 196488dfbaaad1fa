//! An alert with a severity, an owner and a description.

use super::options::AlertOptions;
use crate::grammar::help::Help;
use crate::grammar::messages as say;
use crate::grammar::names::unraw;
use crate::grammar::{Errors, Krate};
use proc_macro2::{Ident, Span};
use syn::{ItemFn, LitStr};

/// The function and what its attribute declares.
pub(crate) struct Alert {
    /// Where the runtime is.
    pub krate: Krate,
    pub function: ItemFn,
    /// Its name, without `r#`.
    pub name: String,
    pub severity: Ident,
    pub summary: Help,
    pub owner: LitStr,
    pub impact: Option<LitStr>,
    pub runbook: Option<Runbook>,
    pub notify: Vec<String>,
}

/// Where the response to the alert is described.
pub(crate) struct Runbook {
    pub text: LitStr,
    /// File and heading, where it is part of the package.
    pub heading: Option<(LitStr, LitStr)>,
}

/// Checks the function and its options.
pub(crate) fn build(
    function: ItemFn,
    options: AlertOptions,
    krate: Krate,
    errors: &mut Errors,
) -> Option<Alert> {
    let span = function.sig.ident.span();
    shape(&function, errors);
    let summary = Help::of(&function.attrs);
    if summary.is_none() {
        errors.push(span, say::ALERT_WITHOUT_DOC);
    }
    if options.owner.is_none() {
        errors.push(span, say::ALERT_WITHOUT_OWNER);
    }
    let severity = severity(&options, span, errors);
    if options.impact.is_none() && severity.as_ref().is_some_and(|(rank, _)| *rank < 2) {
        errors.push(span, say::ALERT_WITHOUT_IMPACT);
    }
    let (_, severity) = severity?;
    Some(Alert {
        krate,
        name: unraw(&function.sig.ident),
        severity,
        summary: summary?,
        owner: options.owner?,
        impact: options.impact,
        runbook: options.runbook.and_then(|text| runbook(text, errors)),
        notify: options
            .notify
            .map_or_else(Vec::new, |list| notify(&list, errors)),
        function,
    })
}

/// Refuses arguments, generics and modifiers.
fn shape(function: &ItemFn, errors: &mut Errors) {
    let sig = &function.sig;
    let modifiers = [
        sig.asyncness.map(|token| token.span),
        sig.abi.as_ref().map(|abi| abi.extern_token.span),
    ];
    for span in modifiers.into_iter().flatten() {
        errors.push(span, say::ALERT_SHAPE);
    }
    if !sig.inputs.is_empty() {
        errors.at(&sig.inputs, say::ALERT_SHAPE);
    }
    if !sig.generics.params.is_empty() {
        errors.at(&sig.generics, say::ALERT_SHAPE);
    }
}

fn severity(options: &AlertOptions, span: Span, errors: &mut Errors) -> Option<(usize, Ident)> {
    match options.severities().as_slice() {
        [(rank, name, span)] => Some((*rank, Ident::new(name, *span))),
        [] => {
            errors.push(span, say::ALERT_WITHOUT_SEVERITY);
            None
        }
        [_, (.., second), ..] => {
            errors.push(*second, say::ALERT_SEVERITIES);
            None
        }
    }
}

/// A URL, or a file of the package with a heading.
fn runbook(text: LitStr, errors: &mut Errors) -> Option<Runbook> {
    let value = text.value();
    if value.starts_with("https://") || value.starts_with("http://") {
        return Some(Runbook {
            text,
            heading: None,
        });
    }
    match value.split_once('#') {
        Some((file, anchor)) if !file.is_empty() && !anchor.is_empty() => {
            let at = |part: &str| LitStr::new(part, text.span());
            let heading = Some((at(file), at(anchor)));
            Some(Runbook { text, heading })
        }
        _ => {
            errors.push(text.span(), say::ALERT_RUNBOOK);
            None
        }
    }
}

fn notify(list: &LitStr, errors: &mut Errors) -> Vec<String> {
    let value = list.value();
    let names: Vec<_> = value.split(',').map(str::trim).map(str::to_owned).collect();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = |name: &String| {
        let rest = name.strip_prefix('#').unwrap_or(name);
        !rest.is_empty() && rest.chars().all(allowed)
    };
    if !names.iter().all(is_name) {
        errors.push(list.span(), say::ALERT_NOTIFY);
    }
    names
}
