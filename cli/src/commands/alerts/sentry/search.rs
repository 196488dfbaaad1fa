//! Selections in Sentry's search language.

use crate::deployment::Deployment;
use crate::query;
use crate::query::sentry::{any, term};
use instrumental_manifest::{MatchOperator, Selection};

/// Returns a search for the errors that a selection counts.
pub(super) fn error(deployment: &Deployment<'_>, selection: &Selection) -> Result<String, String> {
    let calls = selection.metric == "function.duration";
    if !calls && selection.metric != "function.errors" {
        return Err(format!("it does not record `{}`", selection.metric));
    }
    let mut terms = vec!["event.type:error".to_owned()];
    let mut failed = !calls;
    for matcher in &selection.matchers {
        let field = match matcher.label.as_str() {
            "function" => "stack.function",
            "module" => "stack.module",
            "error" => "error.type",
            "outcome" => {
                failed = query::selects_failed_calls(matcher);
                continue;
            }
            other => return Err(format!("its errors have no label `{other}`")),
        };
        if let ("function", MatchOperator::In) = (matcher.label.as_str(), matcher.is) {
            check_captured(deployment, &matcher.values)?;
        }
        terms.push(term(field, matcher.is, &matcher.values));
    }
    if failed {
        Ok(terms.join(" "))
    } else {
        Err("it does not count successful calls".into())
    }
}

/// Sentry only receives errors that are captured.
fn check_captured(deployment: &Deployment<'_>, functions: &[String]) -> Result<(), String> {
    let silent = deployment
        .manifest
        .functions
        .iter()
        .find(|f| functions.contains(&f.name) && !f.captures);
    match silent {
        Some(function) => Err(format!("errors of `{}` are not captured", function.name)),
        None => Ok(()),
    }
}

/// Returns a search for transactions whose failure rate is the ratio.
pub(super) fn share(
    deployment: &Deployment<'_>,
    part: &[Selection],
    whole: &[Selection],
) -> Result<String, String> {
    let ([part], [whole]) = (part, whole) else {
        return Err("a ratio must have one numerator and one denominator".into());
    };
    let query = duration(deployment, whole)?;
    let failed = part
        .matchers
        .iter()
        .filter(|matcher| !whole.matchers.contains(matcher));
    let failed: Vec<_> = failed.collect();
    let is_failure = match failed.as_slice() {
        [one] if one.label == "http.response.status_code" => {
            one.is == MatchOperator::Prefix && one.values == ["5"]
        }
        [one] => query::selects_failed_calls(one) || query::selects_failures(one),
        _ => false,
    };
    if is_failure {
        Ok(query)
    } else {
        Err("the only ratio that it has is the failure rate".into())
    }
}

/// Returns a search for the transactions that a histogram of durations measures.
pub(super) fn duration(deployment: &Deployment<'_>, of: &Selection) -> Result<String, String> {
    let mut terms = vec!["event.type:transaction".to_owned()];
    match of.metric.as_str() {
        "http.server.request.duration" => terms.push("transaction.op:http.server".into()),
        "function.duration" => {}
        other => return Err(format!("it does not record `{other}`")),
    }
    let mut named = of.metric != "function.duration";
    for matcher in &of.matchers {
        let values = &matcher.values;
        match matcher.label.as_str() {
            // Transactions are named `GET /jobs/{id}`.
            "http.request.method" if matcher.is == MatchOperator::In => {
                let names: Vec<_> = values.iter().map(|method| format!("{method} *")).collect();
                terms.push(any("transaction", &names));
            }
            "http.route" if matcher.is == MatchOperator::In => {
                let names: Vec<_> = values.iter().map(|route| format!("*{route}")).collect();
                terms.push(any("transaction", &names));
            }
            "function" if matcher.is == MatchOperator::In => {
                let is_root = |name: &String| {
                    let mut all = deployment.manifest.functions.iter();
                    all.any(|f| &f.name == name && (f.kind == "server" || f.kind == "consumer"))
                };
                if let Some(inner) = values.iter().find(|name| !is_root(name)) {
                    return Err(format!("calls of `{inner}` are not transactions"));
                }
                named = true;
                terms.push(term("transaction", MatchOperator::In, values));
            }
            // The name of a function includes its module.
            "module" => {}
            other => return Err(format!("its transactions have no label `{other}`")),
        }
    }
    if named {
        Ok(terms.join(" "))
    } else {
        Err("not all calls are transactions".into())
    }
}
