//! Error messages: lower case, no full stop, saying what to write instead.

use super::attribute::Attribute;
use proc_macro2::Ident;
use std::fmt::Display;

// Arguments of any attribute.

pub(crate) const ATTRIBUTE_LIST: &str =
    "expected a list of options in parentheses: `#[name(key = value)]`";
pub(crate) const EXPECTED: &str = "expected a name, `key = value` or `key(..)`";
pub(crate) const DUPLICATE_TEXT: &str = "duplicate string; remove one";
pub(crate) const NAME_IS_TEXT: &str =
    "the event's name must be a string literal: put it in quotes, as in `\"payment.released\"`";

pub(crate) fn expected_option(attribute: Attribute) -> String {
    match attribute {
        Attribute::Instrument => {
            "unexpected input: an option is `key`, `key = value` or `key(..)`; \
             to record a field, write `fields(..)`"
                .to_owned()
        }
        _ => "expected an option: `key`, `key = value` or `key(..)`".to_owned(),
    }
}

/// A string literal where the attribute takes none.
pub(crate) fn unexpected_text(attribute: Attribute) -> String {
    let advice = match attribute {
        Attribute::Traced | Attribute::Instrument => "to name the span, write `name = \"..\"`",
        Attribute::Alert => {
            "an alert is named after its function, and its doc comment is the description"
        }
        Attribute::Metric => {
            "a metric is named after its path: rename the function, or add `#[catalog(name = \"..\")]` to its module"
        }
        Attribute::Catalog | Attribute::Submodule => {
            "to set the name's prefix, write `name = \"..\"`"
        }
        Attribute::Outcome => "to set the variant's label, add `#[label(\"..\")]`",
        Attribute::LabelEnum | Attribute::OutcomeEnum => {
            "a label value belongs to one variant: move it there"
        }
        _ => return "unexpected string literal; remove it".to_owned(),
    };
    format!("unexpected string literal: {advice}")
}

/// Suggests the nearest option, or lists all of them.
pub(crate) fn unknown_option(
    attribute: Attribute,
    word: &str,
    near: Option<&str>,
    known: &[&str],
) -> String {
    let message = unknown("option", word, near, known);
    match (attribute, near) {
        (Attribute::Traced | Attribute::Instrument, None) => {
            format!("{message}; to record a field, write `fields({word} = ..)`")
        }
        _ => message,
    }
}

pub(crate) fn unknown_kind(kind: &str, near: Option<&str>, known: &[&str]) -> String {
    unknown("kind of metric", kind, near, known)
}

pub(crate) fn unknown_unit(unit: &str, near: Option<&str>, known: &[&str]) -> String {
    unknown("unit", unit, near, known)
}

fn unknown(what: &str, word: &str, near: Option<&str>, known: &[&str]) -> String {
    match near {
        Some(near) => format!("unknown {what} `{word}`: did you mean `{near}`?"),
        None => format!("unknown {what} `{word}`: expected {}", one_of(known)),
    }
}

/// `` `a`, `b` or `c` ``
fn one_of(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => format!("`{only}`"),
        [first @ .., last] => format!("`{}` or `{last}`", first.join("`, `")),
    }
}

pub(crate) fn option_of_traced(word: &str) -> String {
    format!("`{word}` is an option of `#[traced]`: add `#[traced]` and move the option there")
}

pub(crate) fn duplicate_option(word: &str) -> String {
    format!("duplicate option `{word}`; remove one")
}

pub(crate) fn takes_no_value(word: &str) -> String {
    format!("`{word}` takes no value")
}

pub(crate) fn write_value(word: &str, example: &str) -> String {
    format!("write `{word} = {example}`")
}

pub(crate) fn write_list(word: &str, example: &str) -> String {
    format!("write `{word}({example})`")
}

// Names.

pub(crate) fn name_spelling(name: &str) -> String {
    format!(
        "`{name}` is not a valid name for every backend: use lowercase words joined by dots; a word starts with a letter and contains letters, digits and `_`"
    )
}

pub(crate) fn name_suffix(name: &str, suffix: &str) -> String {
    format!("`{name}` ends in `{suffix}`, which exporters append: remove the suffix")
}

pub(crate) fn name_length(length: usize, longest: usize) -> String {
    format!("the name has {length} characters; the longest that every backend accepts is {longest}")
}

pub(crate) fn label_internal(key: &str) -> String {
    format!("`{key}`: Prometheus reserves labels that start with `__`; choose another name")
}

pub(crate) fn label_spelling(key: &str) -> String {
    format!(
        "`{key}` is not a valid label for every backend: use lowercase letters, digits and `_`, starting with a letter"
    )
}

pub(crate) fn label_reserved(key: &str) -> String {
    format!("the label `{key}` is added by a backend or by instrumental: choose another name")
}

pub(crate) fn sensitive_field(field: &str, word: &str) -> String {
    format!(
        "`{field}` looks like a secret (`{word}`): remove it, or add `allow_sensitive` if it is not a secret"
    )
}

// Function attributes.

pub(crate) fn wrong_item(attribute: Attribute) -> String {
    match attribute {
        Attribute::BusinessEvent => {
            "`#[business_event]` goes on a struct, to declare an event, or on a function, to emit one"
                .to_owned()
        }
        attribute => format!(
            "`#[{}]` goes on a function, an `impl` block, a trait or an inline module",
            attribute.name()
        ),
    }
}

pub(crate) const CONST_FN: &str = "a `const fn` cannot be observed, because the compiler may evaluate it: remove `const`, or annotate its caller";
pub(crate) const NO_BODY: &str =
    "this method has no body to observe: annotate its implementations instead";
pub(crate) const SKIP_ALONE: &str = "`skip` without arguments excludes a function from `#[traced] impl` or `#[traced] mod`; remove the attribute here";
pub(crate) const FIELDS_ON_ITEM: &str =
    "fields are recorded per function: move them to the attribute of a function";
pub(crate) const NAME_ON_ITEM: &str =
    "a name belongs to one span: move `name = \"..\"` to the attribute of a function";
pub(crate) const EVENT_ON_ITEM: &str =
    "an event is emitted by one function: move `#[business_event(..)]` to a function";
pub(crate) const NOTHING_TO_CAPTURE: &str = "this function cannot return an error: return a `Result`, or write `#[traced]` to observe its calls";
pub(crate) const ERROR_IF: &str = "expected a closure with one argument, the returned value, as in `error_if = |out| out.status >= 500`";
pub(crate) const SIGIL: &str = "`%` and `?` apply to an argument or a part of one, as in `%user.id`; for an expression, write `fields(name = %expr)`";
pub(crate) const FIELD: &str =
    "expected a field: `name`, `name = value`, `name = %value` or `name = ?value`";
pub(crate) const FIELD_NAME: &str =
    "expected a field name: words joined by dots, a string literal, or a constant in braces";
pub(crate) const UNUSED_CLONE: &str = "this clone is never read: name the argument's value in `on_failure(..)` too, as in `on_failure(clone(request), ?request)`";
pub(crate) const FAILURE_WITHOUT_VALUE: &str = "`on_failure(..)` reads this field when the call fails, so it needs a value: write `name = value`";
pub(crate) const LEVEL: &str =
    "expected a level: \"error\", \"warn\", \"info\", \"debug\" or \"trace\"";
pub(crate) const DURATION: &str =
    "expected a duration: a number and a unit, such as \"250ms\", \"1.5s\" or \"2m\"";
pub(crate) const SPAN_KIND: &str =
    "expected a span kind: `internal`, `server`, `client`, `producer` or `consumer`";
pub(crate) const DESCRIBE: &str = "expected `error`, `display`, `debug` or `nothing`: the trait that the error implements for every lifetime";
pub(crate) const NONE: &str = "write `none = \"error\"` to count a returned `None` as an error";
pub(crate) const OBJECTIVE: &str = "write `objective(success = 99.9)`, `objective(latency = \"250ms\", at = 99.0)`, or both in one list";
pub(crate) const OBJECTIVE_PERCENT: &str = "expected a percentage above 0 and below 100";
pub(crate) const OBJECTIVE_AT: &str = "`latency` and `at` are given together: `at` is the percentage of calls that must not take longer";
pub(crate) const EVENT_NAME: &str = "expected an event: a name and fields, as in `#[business_event(\"bid.accepted\", bid_id)]`, or a declared event, as in `#[business_event(BidAccepted { bid_id })]`";
pub(crate) const EVENT_ON: &str = "a declared event has its own fields: the only option here is `on = PATTERN`, as in `on = Ok(receipt)`";
pub(crate) const IGNORE: &str = "write `ignore(PATTERN)`, as in `ignore(Error::NotFound(_))`";
pub(crate) const RECORD_FORMAT: &str = "expected `Debug`, `Display` or `level = \"..\"`";
pub(crate) const SKIP_WITHOUT_ARGS: &str =
    "`skip(..)` excludes arguments from `args`: add `args`, or list only the arguments to record";
pub(crate) const TRACK_CALLER: &str = "`err` and `ret` record the returned value, which is not available in a `#[track_caller]` function: remove one of the attributes";

pub(crate) fn no_argument(name: &str, near: Option<&str>, known: &[String]) -> String {
    let list = match known {
        [] => "the function has none".to_owned(),
        known => format!("the arguments are `{}`", known.join("`, `")),
    };
    match near {
        Some(near) => format!("no argument `{name}`: did you mean `{near}`?"),
        None => format!("no argument `{name}`; {list}"),
    }
}

pub(crate) fn no_argument_in_item(name: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("no function here has an argument `{name}`: did you mean `{near}`?"),
        None => format!("no function here has an argument `{name}`"),
    }
}

pub(crate) fn duplicate_field(name: &str) -> String {
    format!("duplicate field `{name}`; remove one")
}

pub(crate) fn duplicate_attribute(attribute: Attribute) -> String {
    match attribute {
        Attribute::CaptureErrors => "duplicate `#[capture_errors]`; remove one".to_owned(),
        _ => "duplicate attribute: `#[traced]` and `#[instrument]` both open the call's span; remove one"
            .to_owned(),
    }
}

// Catalogs.

pub(crate) const METRIC_WITH_BODY: &str =
    "a catalog function declares a metric: end it with `;` instead of a body";
pub(crate) const METRIC_WITHOUT_DOC: &str =
    "a metric needs a doc comment: it becomes the HELP text";
pub(crate) const METRIC_GENERIC: &str =
    "a metric cannot be generic: use a concrete type for each label";
pub(crate) const METRIC_SELF: &str =
    "a metric has no `self`: its arguments are its labels, as in `trade: Trade`";
pub(crate) const METRIC_ARGUMENT: &str = "expected a label: `name: Type`";
pub(crate) const METRIC_ARGUMENT_ATTRIBUTE: &str =
    "a label takes no attributes: put `cfg` on the whole function";
pub(crate) const METRIC_WITHOUT_KIND: &str =
    "expected a kind of metric: `-> Counter`, `-> Gauge` or `-> Histogram<Seconds>`";
pub(crate) const METRIC_KIND: &str =
    "expected a kind of metric: `Counter`, `Gauge` or `Histogram<Unit>`";
pub(crate) const CATALOG_ITEM: &str =
    "`#[catalog]` goes on an inline module: `#[catalog] pub mod bids { .. }`";
pub(crate) const CATALOG_OUT_OF_LINE: &str = "`#[catalog]` needs the module's contents: write `mod name { .. }`, or annotate the modules inside the file";
pub(crate) const BUDGET_ZERO: &str = "a metric has at least one series: write `budget = 1` or more";

pub(crate) fn metric_modifier(word: &str) -> String {
    format!("a metric is a plain `fn`: remove `{word}`")
}

pub(crate) fn unit_by_attribute(kind: &str) -> String {
    format!(
        "`{kind}` takes no type argument: write `-> {kind}`, and set its unit with `#[metric(unit = \"bytes\")]`"
    )
}

pub(crate) fn unit_type(known: &[&str]) -> String {
    format!(
        "expected one unit, as in `Histogram<Seconds>`: {}",
        one_of(known)
    )
}

pub(crate) fn unit_of_histogram(unit: &str) -> String {
    format!("a histogram's unit is its type argument: write `-> Histogram<{unit}>`")
}

pub(crate) fn too_many_labels(most: usize) -> String {
    format!(
        "a metric has at most {most} labels: put values that identify one case into a span field or an event"
    )
}

pub(crate) fn unbounded_label(key: &str, ty: &str) -> String {
    format!(
        "`{ty}` has unbounded values, so `{key}` cannot be a label: derive `Label` on an enum, \
         or use `Bounded<N>` for text with a limit; put ids and free text into a span field or an event"
    )
}

pub(crate) fn label_by_reference(key: &str) -> String {
    format!("labels are passed by value: remove the `&` of `{key}`")
}

pub(crate) fn metric_twice(name: &str) -> String {
    format!("duplicate metric `{name}` in this catalog; rename one")
}

pub(crate) fn metrics_collide(first: &str, second: &str, exported: &str) -> String {
    format!("`{second}` and `{first}` are both exported as `{exported}`: rename one of them")
}

// Labels and outcomes.

pub(crate) const LABEL_ON_STRUCT: &str =
    "`Label` can only be derived for an enum; for other text, use `Bounded<N>`";
pub(crate) const LABEL_EMPTY: &str = "expected a value: `#[label(\"..\")]`";

pub(crate) fn label_without_variants(name: &impl Display) -> String {
    format!("`{name}` has no variants, so it has no label values")
}

pub(crate) fn label_value(longest: usize) -> String {
    format!("a label value has 1 to {longest} characters and no control characters")
}

pub(crate) fn label_value_twice(value: &str, first: &impl Display) -> String {
    format!("`{first}` already has the value `{value}`: add `#[label(\"..\")]` to one of them")
}

pub(crate) const OUTCOME_ON_STRUCT: &str = "`Outcome` can only be derived for an enum of errors";
pub(crate) const CLASS_MISSING: &str = "expected a class: `expected`, `client`, `retry`, `server` or `fatal`, or `transparent` for that of the error inside";
pub(crate) const HTTP_STATUS: &str = "expected an HTTP status from 400 to 599";

pub(crate) fn unclassified(variants: &[&Ident]) -> String {
    let list: Vec<String> = variants
        .iter()
        .map(|variant| format!("`{variant}`"))
        .collect();
    let verb = if list.len() == 1 { "has" } else { "have" };
    format!(
        "{} {verb} no class: add `#[outcome(expected)]`, `client`, `retry`, `server` or `fatal` to each variant",
        list.join(", ")
    )
}

pub(crate) fn transparent(variant: &Ident, fields: usize) -> String {
    let fields = match fields {
        0 => "no fields".to_owned(),
        more => format!("{more} fields"),
    };
    format!(
        "`transparent` needs a variant with exactly one field, and `{variant}` has {fields}: classify it, as in `#[outcome(server)]`"
    )
}

pub(crate) fn transparent_beside(word: &str) -> String {
    format!(
        "a transparent variant has the class of the error inside: remove `{word}` or `transparent`"
    )
}

pub(crate) fn two_classes(first: &str, second: &str) -> String {
    format!("an error has one class: remove `{first}` or `{second}`")
}

// Declared events.

pub(crate) const EVENT_WITHOUT_NAME: &str =
    "expected the event's name: `#[business_event(\"payment.released\")]`";
pub(crate) const FIELD_LABEL: &str = "a label's key is the name of its field: write `#[label]`";
pub(crate) const EVENT_ON_TUPLE: &str =
    "the fields of a business event need names: write `struct Name { field: Type }`";
pub(crate) const EVENT_FIELD_CFG: &str = "a field of an event cannot be conditional: put `cfg` on the whole struct, or add `#[field(skip)]`";
pub(crate) const EVENT_LABEL_GENERIC: &str =
    "a label has one type: replace the type parameter by a concrete type";
pub(crate) const DISPLAY_AND_DEBUG: &str =
    "a field is recorded in one format: remove `display` or `debug`";

pub(crate) fn measure(units: &[&str]) -> String {
    format!(
        "write `#[measure]`, or `#[measure(unit)]` with the unit {}",
        one_of(units)
    )
}

pub(crate) fn two_roles(first: &str, second: &str) -> String {
    format!("a field has one role: remove `#[{first}]` or `#[{second}]`")
}

// Alerts.

pub(crate) const ALERT_ITEM: &str = "`#[alert]` goes on a function: `#[alert(P2, owner = \"team\", impact = \"..\")] fn slow() -> Condition { .. }`";
pub(crate) const ALERT_SHAPE: &str = "an alert is a plain `fn name() -> Condition`";
pub(crate) const ALERT_WITHOUT_DOC: &str =
    "an alert needs a doc comment that says what it means: it is shown to the engineer on call";
pub(crate) const ALERT_WITHOUT_OWNER: &str = "an alert needs an owner: add `owner = \"team\"`";
pub(crate) const ALERT_WITHOUT_IMPACT: &str =
    "an alert of severity P1 or P2 needs its effect on users: add `impact = \"..\"`";
pub(crate) const ALERT_WITHOUT_SEVERITY: &str = "an alert needs a severity: add `P1` (pages), `P2` (chat and mail), `P3` (chat) or `P4` (dashboards)";
pub(crate) const ALERT_SEVERITIES: &str = "an alert has one severity; remove the others";
pub(crate) const ALERT_RUNBOOK: &str = "expected a URL, or a file of the package and a heading in it, as in `docs/runbooks.md#payments`";
pub(crate) const ALERT_NOTIFY: &str = "expected a list of teams and channels, as in `\"payments, #alerts\"`: names contain letters, digits, `-`, `_` and `.`";
