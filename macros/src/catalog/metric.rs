//! One function of a catalog as a metric.

use super::model::{Kind, KindWord, Label, Metric};
use super::options;
use super::parse::ParsedMetric;
use crate::grammar::help::Help;
use crate::grammar::limits::{Budget, MOST_LABELS, last_segment, refuse_unbounded};
use crate::grammar::messages as say;
use crate::grammar::unit::Unit;
use crate::grammar::{Errors, names, nearest};
use syn::{FnArg, GenericArgument, Pat, PathArguments, PathSegment, ReturnType, Safety, Signature};

/// Checks one function. Mistakes are added to `errors`; the metric that is returned can be written in any case.
pub(crate) fn build(parsed: ParsedMetric, path: &str, errors: &mut Errors) -> Metric {
    let ParsedMetric {
        mut attrs,
        vis,
        sig,
        body,
    } = parsed;
    if let Some(body) = body {
        errors.at(body, say::METRIC_WITH_BODY);
    }
    shape(&sig, errors);
    let options = options::metric(&mut attrs, errors);
    let help = Help::of(&attrs).unwrap_or_else(|| {
        errors.push(sig.ident.span(), say::METRIC_WITHOUT_DOC);
        Help::Text(String::new())
    });
    let segment = names::unraw(&sig.ident);
    let name = format!("{path}.{segment}");
    if names::prefix(&segment, sig.ident.span(), errors) {
        names::suffix(&name, sig.ident.span(), errors);
        names::length(&name, sig.ident.span(), errors);
    }
    let (kind, typed) = returned(&sig, errors);
    let labels = labels(&sig, errors);
    Metric {
        name,
        help,
        kind,
        unit: unit(kind, typed, options.unit, errors),
        labels,
        budget: options
            .budget
            .unwrap_or_else(|| Budget::default_at(sig.ident.span())),
        owner: options.owner,
        attrs,
        vis,
        sig,
    }
}

/// Refuses modifiers, generics and variadic arguments.
fn shape(sig: &Signature, errors: &mut Errors) {
    let extra = [
        sig.constness.map(|token| (token.span, "const")),
        sig.asyncness.map(|token| (token.span, "async")),
        sig.abi
            .as_ref()
            .map(|abi| (abi.extern_token.span, "extern")),
        match &sig.safety {
            Safety::Unsafe(token) => Some((token.span, "unsafe")),
            _ => None,
        },
    ];
    for (span, word) in extra.into_iter().flatten() {
        errors.push(span, say::metric_modifier(word));
    }
    if !sig.generics.params.is_empty() {
        errors.at(&sig.generics.params, say::METRIC_GENERIC);
    }
    if let Some(variadic) = &sig.variadic {
        errors.at(variadic, say::METRIC_ARGUMENT);
    }
}

/// The kind and unit in the return type.
fn returned(sig: &Signature, errors: &mut Errors) -> (Kind, Option<Unit>) {
    let fallback = |span| {
        (
            Kind {
                word: KindWord::Counter,
                span,
            },
            None,
        )
    };
    let ReturnType::Type(_, ty) = &sig.output else {
        errors.push(sig.ident.span(), say::METRIC_WITHOUT_KIND);
        return fallback(sig.ident.span());
    };
    let Some(segment) = last_segment(ty) else {
        errors.at(ty, say::METRIC_KIND);
        return fallback(sig.ident.span());
    };
    let (name, span) = (segment.ident.to_string(), segment.ident.span());
    let word = KindWord::of(&name).or_else(|| {
        let near = nearest(&name, &KindWord::ALL);
        errors.push(span, say::unknown_kind(&name, near, &KindWord::ALL));
        near.and_then(KindWord::of)
    });
    let Some(word) = word else {
        return fallback(span);
    };
    (Kind { word, span }, unit_argument(segment, word, errors))
}

/// The type between the angle brackets.
fn unit_argument(segment: &PathSegment, word: KindWord, errors: &mut Errors) -> Option<Unit> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    if word != KindWord::Histogram {
        errors.at(arguments, say::unit_by_attribute(word.type_name()));
        return None;
    }
    let mut units = arguments.args.iter();
    let named = match (units.next(), units.next()) {
        (Some(GenericArgument::Type(ty)), None) => last_segment(ty),
        _ => None,
    };
    let Some(named) = named else {
        errors.at(arguments, say::unit_type(&Unit::TYPES));
        return None;
    };
    let name = named.ident.to_string();
    let span = named.ident.span();
    Unit::of_type(&name, span).or_else(|| {
        let near = nearest(unit_meant(&name), &Unit::TYPES);
        errors.push(
            named.ident.span(),
            say::unknown_unit(&name, near, &Unit::TYPES),
        );
        near.and_then(|near| Unit::of_type(near, span))
    })
}

/// The unit that is meant by a type that is not a unit.
fn unit_meant(name: &str) -> &str {
    match name {
        "Duration" | "Millis" | "Milliseconds" => "Seconds",
        name => name,
    }
}

/// The unit: of a histogram its type argument, of other kinds an option.
fn unit(kind: Kind, typed: Option<Unit>, given: Option<Unit>, errors: &mut Errors) -> Unit {
    match (kind.word, given) {
        (KindWord::Histogram, Some(given)) => {
            errors.push(given.span, say::unit_of_histogram(given.name));
            typed.unwrap_or(given)
        }
        (_, given) => typed.or(given).unwrap_or(Unit::none(kind.span)),
    }
}

/// The arguments as labels.
fn labels(sig: &Signature, errors: &mut Errors) -> Vec<Label> {
    let mut labels = Vec::new();
    for argument in &sig.inputs {
        let FnArg::Typed(argument) = argument else {
            errors.at(argument, say::METRIC_SELF);
            continue;
        };
        let Pat::Ident(pat) = &*argument.pat else {
            errors.at(&argument.pat, say::METRIC_ARGUMENT);
            continue;
        };
        if let Some(attr) = argument.attrs.first() {
            errors.at(attr, say::METRIC_ARGUMENT_ATTRIBUTE);
        }
        let key = names::unraw(&pat.ident);
        names::label(&key, pat.ident.span(), errors);
        refuse_unbounded(&argument.ty, &key, errors);
        labels.push(Label {
            ident: pat.ident.clone(),
            key,
            ty: (*argument.ty).clone(),
        });
    }
    if let Some(over) = labels.get(MOST_LABELS) {
        errors.push(over.ident.span(), say::too_many_labels(MOST_LABELS));
    }
    labels
}
