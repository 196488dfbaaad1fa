//! What the item macros say of a mistake: lower case, no full stop, what to write instead.

use proc_macro2::Ident;
use std::fmt::Display;

pub(crate) const METRIC_WITH_BODY: &str =
    "a catalog function declares a metric: end it with `;` instead of a body";
pub(crate) const METRIC_WITHOUT_DOC: &str = "describe it: its doc comment becomes the HELP text";
pub(crate) const METRIC_GENERIC: &str =
    "a metric cannot be generic: give each label a type of its own";
pub(crate) const METRIC_SELF: &str =
    "a metric has no `self`: its arguments are its labels, as in `trade: Trade`";
pub(crate) const METRIC_ARGUMENT: &str = "a label is written `name: Type`";
pub(crate) const METRIC_ARGUMENT_ATTRIBUTE: &str =
    "a label takes no attribute: put a `cfg` on the whole function";
pub(crate) const METRIC_WITHOUT_KIND: &str =
    "say what kind of metric it is: `-> Counter`, `-> Gauge` or `-> Histogram<Seconds>`";
pub(crate) const METRIC_KIND: &str =
    "the kind of a metric is one of `Counter`, `Gauge` and `Histogram<Unit>`";
pub(crate) const CATALOG_WITHOUT_MODULE: &str =
    "`#[catalog]` goes on an inline module: `#[catalog] pub mod bids { .. }`";
pub(crate) const CATALOG_OUT_OF_LINE: &str = "`#[catalog]` needs the module's content here: write `mod name { .. }`, or put the attribute on modules inside the file";

pub(crate) const ALERT_ON_OTHER_ITEMS: &str = "`#[alert]` goes on a function: `#[alert(P2, owner = \"team\", impact = \"..\")] fn slow() -> Condition { .. }`";
pub(crate) const ALERT_SHAPE: &str = "an alert is a plain `fn name() -> Condition`";
pub(crate) const ALERT_TEXT: &str =
    "an alert's name is its function's, and its text the doc comment: remove this";
pub(crate) const ALERT_WITHOUT_DOC: &str =
    "say what it means when this alert fires: its doc comment is what whoever is on call reads";
pub(crate) const ALERT_WITHOUT_OWNER: &str = "say who answers for this alert: `owner = \"team\"`";
pub(crate) const ALERT_WITHOUT_IMPACT: &str =
    "say what this does to users: an alert of P1 or P2 wants `impact = \"..\"`";
pub(crate) const ALERT_WITHOUT_SEVERITY: &str =
    "say how much it matters: `P1` (pages), `P2` (chat and mail), `P3` (chat) or `P4` (dashboards)";
pub(crate) const ALERT_SEVERITIES: &str = "an alert has one severity";
pub(crate) const ALERT_RUNBOOK: &str =
    "a runbook is a URL, or a file of the package and a heading in it: `docs/runbooks.md#payments`";
pub(crate) const ALERT_NOTIFY: &str = "`notify` lists teams and channels, as in `\"payments, #alerts\"`: letters, digits, `-`, `_` and `.`";

pub(crate) fn metric_modifier(word: &str) -> String {
    format!("a metric is a plain `fn`: remove `{word}`")
}

pub(crate) fn unit_by_attribute(kind: &str) -> String {
    format!(
        "`{kind}` takes no type argument: write `-> {kind}` and `#[metric(unit = \"bytes\")]` for its unit"
    )
}

pub(crate) fn unit_type(known: &[&str]) -> String {
    format!(
        "a histogram has one unit, as in `Histogram<Seconds>`: `{}`",
        known.join("`, `")
    )
}

pub(crate) fn unit_of_histogram(unit: &str) -> String {
    format!("the unit of a histogram is its type: write `-> Histogram<{unit}>`")
}

pub(crate) fn too_many_labels(most: usize) -> String {
    format!(
        "a metric has at most {most} labels: put what tells single cases apart into a span field or an event"
    )
}

pub(crate) fn unbounded_label(key: &str, ty: &str) -> String {
    format!(
        "`{ty}` has no bound on its values, so `{key}` cannot be a label: derive `Label` on an enum, \
         or take `Bounded<N>` for text with a hard cap; an id or a free text belongs into a span field or an event"
    )
}

pub(crate) fn label_by_reference(key: &str) -> String {
    format!("labels are taken by value: remove the `&` of `{key}`")
}

pub(crate) fn metric_twice(name: &str) -> String {
    format!("the metric `{name}` is declared twice in this catalog")
}

pub(crate) fn metrics_collide(first: &str, second: &str, exported: &str) -> String {
    format!("`{second}` and `{first}` are both exported as `{exported}`: rename one of them")
}

pub(crate) const METRIC_NAME: &str = "the name of a metric is the path of its function: rename the function, or write `#[catalog(name = \"..\")]` on its module";
pub(crate) const BUDGET_ZERO: &str = "a metric has one series at least: write `budget = 1` or more";

pub(crate) const LABEL_ON_STRUCT: &str = "the values of a label are the variants of an enum: derive `Label` on an enum, or take `Bounded<N>`";
pub(crate) fn label_without_variants(name: &impl Display) -> String {
    format!("`{name}` has no variants, so no value to label with")
}

pub(crate) fn label_value(longest: usize) -> String {
    format!("a label value has 1 to {longest} characters and no control characters")
}

pub(crate) fn label_value_twice(value: &str, first: &impl Display) -> String {
    format!("`{first}` has the value `{value}` already: write `#[label(\"..\")]` on one of them")
}

pub(crate) const OUTCOME_ON_STRUCT: &str =
    "`Outcome` classifies the variants of an error enum: derive it on an enum";

pub(crate) fn unclassified(variants: &[&Ident]) -> String {
    let list: Vec<String> = variants
        .iter()
        .map(|variant| format!("`{variant}`"))
        .collect();
    let verb = if list.len() == 1 { "is" } else { "are" };
    format!(
        "{} {verb} not classified: write `#[outcome(expected)]`, `client`, `retry`, `server` or `fatal` on each variant",
        list.join(", ")
    )
}

pub(crate) const CLASS_MISSING: &str = "say what the error means: `expected`, `client`, `retry`, `server` or `fatal`, or `transparent` where the error inside says it";

pub(crate) fn transparent(variant: &Ident, fields: usize) -> String {
    let has = match fields {
        0 => "none".to_owned(),
        more => more.to_string(),
    };
    format!(
        "`transparent` hands on what the one field says, and `{variant}` has {has}: classify it, as in `#[outcome(server)]`"
    )
}

pub(crate) fn transparent_beside(word: impl Display) -> String {
    format!("the error inside says this of itself: remove `{word}`, or `transparent`")
}
pub(crate) const OUTCOME_TEXT: &str =
    "the text of a variant is its label: write `#[label(\"..\")]`";
pub(crate) const HTTP_STATUS: &str = "the status of an error is a number from 400 to 599";

pub(crate) fn two_classes(first: &Ident, second: &Ident) -> String {
    format!("an error has one class: `{first}` or `{second}`")
}

pub(crate) const EVENT_WITHOUT_NAME: &str =
    "name the event: `#[business_event(\"payment.released\")]`";
pub(crate) const FIELD_LABEL: &str = "the label's key is the field's name: write `#[label]`";

pub(crate) fn measure(units: &[&str]) -> String {
    format!(
        "write `#[measure]`, or `#[measure(unit)]` with one of `{}`",
        units.join("`, `")
    )
}

pub(crate) const EVENT_ON_TUPLE: &str =
    "the fields of a business event need names: write `struct Name { field: Type }`";
pub(crate) const EVENT_FIELD_CFG: &str = "the fields of an event are part of its declaration: a `cfg` goes on the whole struct, or add `#[field(skip)]`";
pub(crate) const EVENT_LABEL_GENERIC: &str =
    "a label of an event has one type: name it instead of the type parameter";

pub(crate) const DISPLAY_AND_DEBUG: &str = "a field is written down one way: `display` or `debug`";

pub(crate) fn two_roles(first: &str, second: &str) -> String {
    format!("`#[{first}]` and `#[{second}]` exclude each other: a field has one role")
}

pub(crate) const ONE_TEXT: &str = "one text is enough: remove this one";
pub(crate) const ATTRIBUTE_LIST: &str = "options go in parentheses: `#[name(key = value)]`";

pub(crate) fn unknown_key(key: &str, near: Option<&str>, known: &[&str]) -> String {
    unknown("option", key, near, known)
}

pub(crate) fn unknown_kind(kind: &str, near: Option<&str>, known: &[&str]) -> String {
    unknown("kind of metric", kind, near, known)
}

pub(crate) fn unknown_unit(unit: &str, near: Option<&str>, known: &[&str]) -> String {
    unknown("unit", unit, near, known)
}

/// "Did you mean", or else the whole list.
fn unknown(what: &str, word: &str, near: Option<&str>, known: &[&str]) -> String {
    let list = known.join("`, `");
    match near {
        Some(near) => format!("unknown {what} `{word}`: did you mean `{near}`? (known: `{list}`)"),
        None => format!("unknown {what} `{word}`, known are `{list}`"),
    }
}

pub(crate) fn key_twice(key: &str) -> String {
    format!("`{key}` is given twice")
}

pub(crate) fn no_value(key: &str) -> String {
    format!("`{key}` takes no value")
}

pub(crate) fn wants(key: &str, what: &str) -> String {
    format!("write `{key} = {what}`")
}

pub(crate) fn name_spelling(name: &str) -> String {
    format!(
        "`{name}` is not a name every backend takes: use lowercase words of letters, digits and `_`, joined by dots, each with a letter first"
    )
}

pub(crate) fn name_suffix(name: &str, suffix: &str) -> String {
    format!("`{name}` ends in `{suffix}`, which exporters add by themselves: leave it out")
}

pub(crate) fn name_length(length: usize, longest: usize) -> String {
    format!("the name has {length} characters, backends take {longest}")
}

pub(crate) fn label_internal(key: &str) -> String {
    format!("`{key}`: labels that start with `__` belong to Prometheus")
}

pub(crate) fn label_spelling(key: &str) -> String {
    format!(
        "`{key}` is not a label every backend takes: use lowercase letters, digits and `_`, a letter first"
    )
}

pub(crate) fn label_reserved(key: &str) -> String {
    format!("the label `{key}` is added by backends or by instrumental itself: choose another name")
}

pub(crate) fn sensitive_field(field: &str, word: &str) -> String {
    format!(
        "`{field}` looks like a secret (`{word}`): leave it out, or write `allow_sensitive` if it is none"
    )
}

pub(crate) const LABEL_EMPTY: &str = "write the value: `#[label(\"..\")]`";
pub(crate) const ON_A_VARIANT: &str = "the value belongs to a variant: move this onto one";
pub(crate) const NAME_IS_TEXT: &str =
    "a name is a text: write it in quotes, as in `\"payment.released\"`";
