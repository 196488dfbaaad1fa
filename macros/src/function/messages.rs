//! What the function attributes say of a mistake: lower case, no full stop, what to write instead.

pub(crate) fn elsewhere(attribute: &str) -> String {
    if attribute == "business_event" {
        return "`#[business_event]` goes on a struct, which declares an event, or on a function, which emits one"
            .to_owned();
    }
    format!("`#[{attribute}]` goes on a function, an `impl` block or an inline module")
}

pub(crate) const CONST_FN: &str = "a `const fn` cannot be observed: it may run in the compiler, where there is nothing to tell; remove `const`, or annotate its caller";
pub(crate) const NO_BODY: &str =
    "a trait method without a body runs nothing: annotate its implementations";
pub(crate) const SKIP_ALONE: &str = "`skip` without arguments leaves a function out of `#[traced] impl` or `#[traced] mod`; here, remove the attribute";
pub(crate) const BULK_FIELDS: &str =
    "fields belong to one function: write them on the function itself";
pub(crate) const BULK_NAME: &str =
    "a name belongs to one span: write `name = \"..\"` on the function itself";
pub(crate) const EVENT_ON_ITEM: &str =
    "an event is emitted by one function: write `#[business_event(..)]` on the function itself";
pub(crate) const CAPTURES_NOTHING: &str = "this function returns nothing that could be an error, so there is nothing to capture: return a `Result`, or write `#[traced]` to observe its calls";
pub(crate) const ERROR_IF: &str = "`error_if` is asked about what the function returns: write a closure of one argument, as in `error_if = |out| out.status >= 500`";
pub(crate) const STRAY_TEXT: &str =
    "a text stands nowhere here: write `name = \"..\"` to name the span";
pub(crate) const EXPECTED: &str = "expected an argument's name, `key = value` or `key(..)`";
pub(crate) const OPTION: &str = "unknown input: an option is `key`, `key = value` or `key(..)`, and a field is written `fields(..)`";
pub(crate) const FIELD_SIGIL: &str = "`%` and `?` take an argument or a part of one, as in `%user.id`; write `fields(name = %expr)` for an expression";
pub(crate) const FIELD: &str =
    "a field is `name`, `name = value`, `name = %value` or `name = ?value`";
pub(crate) const CLONE: &str =
    "write `clone(argument)` for an argument that the body takes, and name its value beside it";
pub(crate) const FAILURE_EMPTY: &str =
    "`on_failure(..)` reads a value when the call fails: write `name = value`";
pub(crate) const FIELD_NAME: &str =
    "a field's name is words joined by dots, a text, or a constant in braces";
pub(crate) const LEVEL: &str =
    "a level is one of \"error\", \"warn\", \"info\", \"debug\", \"trace\"";
pub(crate) const DURATION: &str =
    "a duration is a number and a unit, such as \"250ms\", \"1.5s\" or \"2m\"";
pub(crate) const KIND: &str =
    "a span's kind is one of `internal`, `server`, `client`, `producer`, `consumer`";
pub(crate) const DESCRIBE: &str = "an error is described by one of `error`, `display`, `debug`, `nothing`: the trait that its type has, whatever its lifetimes";
pub(crate) const NONE: &str = "write `none = \"error\"`: a `None` is then an error";
pub(crate) const OBJECTIVE: &str =
    "write `objective(success = 99.9)` or `objective(latency = \"250ms\", at = 99.0)`, or both";
pub(crate) const OBJECTIVE_PERCENT: &str = "a percentage lies above 0 and below 100";
pub(crate) const OBJECTIVE_AT: &str =
    "`latency` and `at` go together: so many of a hundred calls take no longer";
pub(crate) const EVENT_NAME: &str = "name the event first: `#[business_event(\"bid.accepted\", bid_id)]`, or give a declared one: `#[business_event(BidAccepted { bid_id })]`";
pub(crate) const EVENT_ON: &str = "write `on = PATTERN`, as in `on = Ok(receipt)`";
pub(crate) const IGNORE: &str = "write `ignore(PATTERN)`, as in `ignore(Error::NotFound(_))`";
pub(crate) const FORMAT: &str = "write `Debug`, `Display` or `level = \"..\"`";
pub(crate) const ARGS_AND_FIELDS: &str =
    "`skip` leaves arguments out of `args`: add `args`, or name only what is to be recorded";
pub(crate) const TRACK_CALLER_ASYNC: &str =
    "`err` and `ret` need the value, which `#[track_caller]` does not let an attribute see";

pub(crate) fn no_argument(name: &str, near: Option<&str>, known: &[String]) -> String {
    let list = if known.is_empty() {
        "there are none".to_owned()
    } else {
        format!("arguments are `{}`", known.join("`, `"))
    };
    match near {
        Some(near) => format!("no argument `{name}`: did you mean `{near}`? ({list})"),
        None => format!("no argument `{name}`; {list}"),
    }
}

pub(crate) fn no_argument_in_item(name: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("no function here has an argument `{name}`: did you mean `{near}`?"),
        None => format!("no function here has an argument `{name}`"),
    }
}

pub(crate) fn twice(key: &str) -> String {
    format!("`{key}` is given twice")
}

pub(crate) fn field_twice(name: &str) -> String {
    format!("the field `{name}` is recorded twice")
}

pub(crate) fn attribute_twice(name: &str) -> String {
    format!("`#[{name}]` stands twice on this function: one is enough")
}

pub(crate) fn attribute_twice_here(name: &str) -> String {
    if name == "capture_errors" {
        return "`#[capture_errors]` is written twice here: remove one".to_owned();
    }
    "`#[traced]` and `#[instrument]` both open the span of a call: remove one of the two".to_owned()
}

pub(crate) fn unknown(key: &str, near: Option<&str>, known: &[&str]) -> String {
    let list = known.join("`, `");
    match near {
        Some(near) => format!("unknown option `{key}`: did you mean `{near}`? (known: `{list}`)"),
        None => format!(
            "unknown option `{key}`, known are `{list}`; a field is written `fields({key} = ..)`"
        ),
    }
}

pub(crate) fn of_traced(key: &str) -> String {
    format!("`{key}` is an option of `#[traced]`: add that, and write it there")
}

pub(crate) fn wants_value(key: &str, form: &str) -> String {
    format!("write `{key} = {form}`")
}

pub(crate) fn wants_list(key: &str, form: &str) -> String {
    format!("write `{key}({form})`")
}

pub(crate) fn takes_nothing(key: &str) -> String {
    format!("`{key}` takes no value")
}
