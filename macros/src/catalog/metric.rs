//! One function of a catalog as a metric.

use super::model::{Budget, DEFAULT_BUDGET, Kind, KindWord, Label, Metric};
use super::parse::ParsedMetric;
use crate::grammar::docs::Help;
use crate::grammar::item_messages as say;
use crate::grammar::unit::Unit;
use crate::grammar::{Errors, names, nearest};
use crate::label::model::bare;
use syn::{
    FnArg, GenericArgument, Pat, PathArguments, PathSegment, ReturnType, Safety, Signature, Type,
};

/// The labels that the runtime can tell apart in one metric.
pub(crate) const MOST_LABELS: usize = 6;

/// Checks one function. What is wrong goes to `errors`; the metric that comes
/// back can always be called.
pub(crate) fn build(parsed: ParsedMetric, path: &str, errors: &mut Errors) -> Metric {
    let ParsedMetric {
        attrs,
        vis,
        sig,
        body,
    } = parsed;
    if let Some(body) = body {
        errors.at(body, say::METRIC_WITH_BODY);
    }
    shape(&sig, errors);
    let (options, attrs) = super::parse::metric_options(attrs, errors);
    let help = Help::of(&attrs).unwrap_or_else(|| {
        errors.push(sig.ident.span(), say::METRIC_WITHOUT_DOC);
        Help::Text(String::new())
    });
    let segment = bare(&sig.ident);
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
        budget: options.budget.unwrap_or(Budget {
            series: DEFAULT_BUDGET,
            span: sig.ident.span(),
        }),
        owner: options.owner,
        attrs,
        vis,
        sig,
    }
}

/// A catalog function has a name, labels and a kind, and nothing else.
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

/// The kind that the return type says, and its unit type.
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

/// Types that are taken for the unit they are recorded in.
fn unit_meant(name: &str) -> &str {
    match name {
        "Duration" | "Millis" | "Milliseconds" => "Seconds",
        name => name,
    }
}

/// The unit of a histogram is its type's, that of the others an option.
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
        let key = bare(&pat.ident);
        names::label(&key, pat.ident.span(), errors);
        bounded(&argument.ty, &key, errors);
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

/// Refuses the types of text without a bound. All else is for the compiler: it
/// knows what implements `Label`.
pub(crate) fn bounded(ty: &Type, key: &str, errors: &mut Errors) {
    match peel(ty) {
        Type::Reference(reference) => {
            let is_static = reference
                .lifetime
                .as_ref()
                .is_some_and(|at| at.ident == "static");
            let is_str =
                last_segment(&reference.elem).is_some_and(|segment| segment.ident == "str");
            if is_str && !is_static {
                errors.at(ty, say::unbounded_label(key, "&str"));
            } else if !is_static {
                errors.at(ty, say::label_by_reference(key));
            }
        }
        Type::ImplTrait(_) => errors.at(ty, say::METRIC_GENERIC),
        ty => {
            if last_segment(ty).is_some_and(|segment| segment.ident == "String") {
                errors.at(ty, say::unbounded_label(key, "String"));
            }
        }
    }
}

/// The last segment of a path type.
fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// A type without the parentheses and the invisible groups of `macro_rules!`.
fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        ty => ty,
    }
}
