//! What a selection takes in, in Sentry's search language.

use crate::alerts::Context;
use crate::manifest::{Is, Selection};
use crate::query;
use crate::query::sentry::{any, term};

/// A search for the errors that a selection counts.
pub(super) fn error(context: &Context<'_>, selection: &Selection) -> Result<String, String> {
    let calls = selection.metric == "function.duration";
    if !calls && selection.metric != "function.errors" {
        return Err(format!("it does not know `{}`", selection.metric));
    }
    let mut terms = vec!["event.type:error".to_owned()];
    let mut failed = !calls;
    for matcher in &selection.matchers {
        let field = match matcher.label.as_str() {
            "function" => "stack.function",
            "module" => "stack.module",
            "error" => "error.type",
            "outcome" => {
                failed = query::is_what_failed(matcher);
                continue;
            }
            other => return Err(format!("its errors have no `{other}`")),
        };
        if let ("function", Is::In) = (matcher.label.as_str(), matcher.is) {
            silent(context, &matcher.values)?;
        }
        terms.push(term(field, matcher.is, &matcher.values));
    }
    if failed {
        Ok(terms.join(" "))
    } else {
        Err("calls that are no errors are not counted there".into())
    }
}

/// Errors that are not captured are not there.
fn silent(context: &Context<'_>, functions: &[String]) -> Result<(), String> {
    let silent = context
        .manifest
        .functions
        .iter()
        .find(|f| functions.contains(&f.name) && !f.captures);
    match silent {
        Some(function) => Err(format!("errors of `{}` are not captured", function.name)),
        None => Ok(()),
    }
}

/// A search for transactions whose failures are the part.
pub(super) fn share(
    context: &Context<'_>,
    part: &[Selection],
    whole: &[Selection],
) -> Result<String, String> {
    let ([part], [whole]) = (part, whole) else {
        return Err("it divides one kind of transactions only".into());
    };
    let query = duration(context, whole)?;
    let failed = part
        .matchers
        .iter()
        .filter(|matcher| !whole.matchers.contains(matcher));
    let failed: Vec<_> = failed.collect();
    let is_failure = match failed.as_slice() {
        [one] if one.label == "http.response.status_code" => {
            one.is == Is::Prefix && one.values == ["5"]
        }
        [one] => query::is_what_failed(one) || query::is_failure_class(one),
        _ => false,
    };
    if is_failure {
        Ok(query)
    } else {
        Err("of transactions it knows the part that failed, and no other".into())
    }
}

/// A search for the transactions that a histogram of durations measures.
pub(super) fn duration(context: &Context<'_>, of: &Selection) -> Result<String, String> {
    let mut terms = vec!["event.type:transaction".to_owned()];
    match of.metric.as_str() {
        "http.server.request.duration" => terms.push("transaction.op:http.server".into()),
        "function.duration" => {}
        other => return Err(format!("it does not know `{other}`")),
    }
    let mut named = of.metric != "function.duration";
    for matcher in &of.matchers {
        let values = &matcher.values;
        match matcher.label.as_str() {
            // Transactions are called `GET /jobs/{id}`.
            "http.request.method" if matcher.is == Is::In => {
                let names: Vec<_> = values.iter().map(|method| format!("{method} *")).collect();
                terms.push(any("transaction", &names));
            }
            "http.route" if matcher.is == Is::In => {
                let names: Vec<_> = values.iter().map(|route| format!("*{route}")).collect();
                terms.push(any("transaction", &names));
            }
            "function" if matcher.is == Is::In => {
                let is_root = |name: &String| {
                    let mut all = context.manifest.functions.iter();
                    all.any(|f| &f.name == name && (f.kind == "server" || f.kind == "consumer"))
                };
                if let Some(inner) = values.iter().find(|name| !is_root(name)) {
                    return Err(format!(
                        "calls of `{inner}` are spans within other transactions"
                    ));
                }
                named = true;
                terms.push(term("transaction", Is::In, values));
            }
            // A name of a function says its module there.
            "module" => {}
            other => return Err(format!("its transactions have no `{other}`")),
        }
    }
    if named {
        Ok(terms.join(" "))
    } else {
        Err("calls are spans within other transactions".into())
    }
}
