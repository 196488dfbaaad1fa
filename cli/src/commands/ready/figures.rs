//! Lines about the running service's metrics.

use super::evidence::{Finding, Metrics, fail, named, ok, person};
use crate::commands::doctor::MetricsPage;
use crate::exposition::Sample;
use instrumental_manifest::{Function, Manifest};

/// The maximum error rate of requests, in percent.
const MAX_ERRORS: f64 = 0.5;
/// The maximum 95th percentile of the latency, in seconds.
const MAX_LATENCY: f64 = 0.2;
/// The maximum error rate of notifications, in percent.
const MAX_UNDELIVERED: f64 = 10.0;
const REQUESTS: &str = "http_server_request_duration_seconds";
const CALLS: &str = "function_duration_seconds";
const ASK: &str = "run this against the running service, after real traffic: --metrics URL";

/// Returns the percentage, and `3 of 1200 (0.25%)`.
fn share(part: f64, whole: f64) -> (f64, String) {
    let percent = 100.0 * part / whole;
    (percent, format!("{part} of {whole} ({percent:.2}%)"))
}

pub(super) fn error_rate(page: Metrics<'_>) -> Finding {
    let page = match page {
        Ok(page) => page,
        Err(why) => return person(why, ASK),
    };
    let requests = format!("{REQUESTS}_count");
    let failed = |sample: &Sample| sample.label("http_response_status_code").starts_with('5');
    let of_requests = page
        .sum(&requests, |_| true)
        .map(|all| (all, page.sum(&requests, failed)));
    let calls = format!("{CALLS}_count");
    let (what, all, bad) = match of_requests {
        Some((all, bad)) if all > 0.0 => ("requests", all, bad),
        _ => match page.sum(&calls, |_| true) {
            Some(all) if all > 0.0 => ("calls", all, page.sum(&calls, Sample::is_of_failures)),
            _ => return person("nothing was counted yet", ASK),
        },
    };
    let (percent, share) = share(bad.unwrap_or(0.0), all);
    let fact = format!("{share} {what} failed since the service started");
    if percent < MAX_ERRORS {
        return ok(fact);
    }
    fail(
        fact,
        "check the errors in Sentry, or `function_errors_total` by function",
    )
}

pub(super) fn latency(page: Metrics<'_>) -> Finding {
    let page = match page {
        Ok(page) => page,
        Err(why) => return person(why, ASK),
    };
    let Some(p95) = page.quantile(REQUESTS, 0.95) else {
        return person(
            "no request was counted",
            "add `.layer(instrumental::http::server())` to the router, and run `doctor --service`",
        );
    };
    let fact = format!("p95 is {:.0} ms since the service started", p95 * 1e3);
    if p95 < MAX_LATENCY {
        return ok(fact);
    }
    fail(
        fact,
        "check the traces of the slowest routes, and take a profile",
    )
}

/// Checks that there are objectives, and shows the current values.
pub(super) fn baselines(manifest: &Manifest, page: Metrics<'_>) -> Finding {
    let with: Vec<_> = manifest
        .functions
        .iter()
        .filter(|function| function.objective.is_some())
        .collect();
    if with.is_empty() {
        return fail(
            "no function has an objective",
            "add `objective(success = 99.9, latency = \"250ms\", at = 99.0)` to the functions that matter",
        );
    }
    let objectives: Vec<_> = with
        .iter()
        .map(|function| objective(function, page))
        .collect();
    let fact = objectives.join("; ");
    match page {
        Ok(_) => ok(fact),
        Err(why) => person(format!("{fact}; current values: {why}"), ASK),
    }
}

fn objective(function: &Function, page: Metrics<'_>) -> String {
    let mut text = format!("`{}`", function.name);
    let Some(objective) = &function.objective else {
        return text;
    };
    if objective.success_percent > 0.0 {
        text.push_str(&format!(" {}% succeed", objective.success_percent));
    }
    if objective.latency > 0.0 {
        text.push_str(&format!(
            " {}% within {} ms",
            objective.latency_percent,
            objective.latency * 1e3
        ));
    }
    let Ok(page) = page else { return text };
    let calls = outcomes(page, |sample| sample.label("function") == function.name);
    match calls {
        Some((all, bad)) => text + &format!(" (now: {} failed)", share(bad, all).1),
        None => text + " (now: not called yet)",
    }
}

/// Returns the calls and the failed ones, or `None` if there are none.
fn outcomes(page: &MetricsPage, of: impl Fn(&Sample) -> bool) -> Option<(f64, f64)> {
    let calls = format!("{CALLS}_count");
    let all = page.sum(&calls, &of).filter(|all| *all > 0.0)?;
    let bad = page.sum(&calls, |sample| of(sample) && sample.is_of_failures());
    Some((all, bad.unwrap_or(0.0)))
}

/// Words in names of metrics about money.
const MONEY: [&str; 5] = ["payment", "revenue", "charge", "refund", "invoice"];

pub(super) fn payments(manifest: &Manifest, page: Metrics<'_>) -> Finding {
    let about_money = named(manifest, &MONEY);
    let (what, metrics) = match about_money.is_empty() {
        false => ("about payments", about_money),
        true => {
            let events: Vec<_> = manifest
                .events
                .iter()
                .map(|event| event.name.as_str())
                .collect();
            ("of business events", named(manifest, &events))
        }
    };
    if metrics.is_empty() {
        return fail(
            "there is no metric about payments, and no business event",
            "add `#[business_event(\"payment.released\")]` where payments are made",
        );
    }
    let names: Vec<_> = metrics.iter().map(|(name, _)| *name).collect();
    let page = match page {
        Ok(page) => page,
        Err(why) => {
            return person(
                format!("{} {what}: {}; {why}", names.len(), names.join(", ")),
                ASK,
            );
        }
    };
    let counted = metrics.iter().filter_map(|(name, prometheus)| {
        let value = page
            .sum(prometheus, |_| true)
            .filter(|value| *value > 0.0)?;
        Some(format!("{name} {value}"))
    });
    let counted: Vec<_> = counted.collect();
    if counted.is_empty() {
        return person(
            format!("no metric {what} has a value yet: {}", names.join(", ")),
            "make a payment, and run this again",
        );
    }
    ok(format!(
        "{} of {} {what} have a value: {}",
        counted.len(),
        names.len(),
        counted.join(", ")
    ))
}

/// Words in names of functions that send notifications.
const NOTIFYING: [&str; 6] = ["notif", "mail", "sms", "push", "slack", "webhook"];

pub(super) fn notifications(manifest: &Manifest, page: Metrics<'_>) -> Finding {
    let own = manifest
        .functions
        .iter()
        .filter(|function| function.traced && !function.place.is_in_library());
    let clients: Vec<_> = own.filter(|function| function.kind == "client").collect();
    let notifies = |function: &&&Function| {
        let name = function.name.to_ascii_lowercase();
        NOTIFYING.iter().any(|part| name.contains(part))
    };
    let notifying: Vec<_> = clients.iter().filter(notifies).copied().collect();
    let chosen = if notifying.is_empty() {
        clients
    } else {
        notifying
    };
    let names: Vec<_> = chosen
        .iter()
        .map(|function| function.name.as_str())
        .collect();
    if names.is_empty() {
        return person(
            "no function has `kind = client`, so outgoing calls are not recognized",
            "add `#[traced(kind = client)]` to the functions that send mail and messages",
        );
    }
    let shown = names.join(", ");
    let page = match page {
        Ok(page) => page,
        Err(why) => return person(format!("{shown}: {why}"), ASK),
    };
    match outcomes(page, |sample| names.contains(&sample.label("function"))) {
        None => person(
            format!("{shown}: not called yet"),
            "send a notification, and run this again",
        ),
        Some((all, bad)) => {
            let (percent, share) = share(bad, all);
            let fact = format!("{shown}: {share} failed since the service started");
            match percent <= MAX_UNDELIVERED {
                true => ok(fact),
                false => fail(
                    fact,
                    "check the provider's status, and the errors of these functions",
                ),
            }
        }
    }
}
