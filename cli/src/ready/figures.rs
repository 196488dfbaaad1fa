//! What the running service's metrics say.

use super::Metrics;
use super::known::{Result, fail, named, ok, person};
use crate::doctor::Page;
use crate::exposition::Sample;
use crate::manifest::{Function, Manifest};

/// Of a hundred requests, so many may fail.
const MOST_ERRORS: f64 = 0.5;
/// Of a hundred requests, 95 are to take no longer than this; seconds.
const MOST_LATENCY: f64 = 0.2;
/// Of a hundred notifications, so many may fail: beyond, the guide wakes somebody.
const MOST_UNDELIVERED: f64 = 10.0;
const REQUESTS: &str = "http_server_request_duration_seconds";
const CALLS: &str = "function_duration_seconds";
const ASK: &str = "run this against the running service, after real traffic: --metrics URL";

/// `3 of 1200 (0.25%)`.
fn share(part: f64, whole: f64) -> (f64, String) {
    let percent = 100.0 * part / whole;
    (percent, format!("{part} of {whole} ({percent:.2}%)"))
}

pub(super) fn error_rate(page: Metrics<'_>) -> Result {
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
    let (percent, told) = share(bad.unwrap_or(0.0), all);
    let fact = format!("{told} {what} failed since the service started");
    if percent < MOST_ERRORS {
        return ok(fact);
    }
    fail(
        fact,
        "look at the errors in Sentry, or at `function_errors_total`, by function",
    )
}

pub(super) fn latency(page: Metrics<'_>) -> Result {
    let page = match page {
        Ok(page) => page,
        Err(why) => return person(why, ASK),
    };
    let Some(p95) = page.quantile(REQUESTS, 0.95) else {
        return person(
            "no request was counted",
            "put `.layer(instrumental::http::server())` on the router, and see `doctor --service`",
        );
    };
    let fact = format!("p95 is {:.0} ms since the service started", p95 * 1e3);
    if p95 < MOST_LATENCY {
        return ok(fact);
    }
    fail(
        fact,
        "look at the slowest routes' traces, and take a profile",
    )
}

/// Whether there are objectives; with what the functions do now.
pub(super) fn baselines(manifest: &Manifest, page: Metrics<'_>) -> Result {
    let with: Vec<_> = manifest
        .functions
        .iter()
        .filter(|function| function.objective.is_some())
        .collect();
    if with.is_empty() {
        return fail(
            "no function has an objective: nothing says what is normal",
            "add `objective(success = 99.9, latency = \"250ms\", at = 99.0)` to the functions that matter",
        );
    }
    let told: Vec<_> = with
        .iter()
        .map(|function| objective(function, page))
        .collect();
    let fact = told.join("; ");
    match page {
        Ok(_) => ok(fact),
        Err(why) => person(format!("{fact}; present values: {why}"), ASK),
    }
}

fn objective(function: &Function, page: Metrics<'_>) -> String {
    let mut told = format!("`{}`", function.name);
    let Some(objective) = &function.objective else {
        return told;
    };
    if objective.success_percent > 0.0 {
        told.push_str(&format!(" {}% succeed", objective.success_percent));
    }
    if objective.latency > 0.0 {
        told.push_str(&format!(
            " {}% within {} ms",
            objective.latency_percent,
            objective.latency * 1e3
        ));
    }
    let Ok(page) = page else { return told };
    let calls = outcomes(page, |sample| sample.label("function") == function.name);
    match calls {
        Some((all, bad)) => told + &format!(" (now: {} failed)", share(bad, all).1),
        None => told + " (now: not called yet)",
    }
}

/// Calls, and those of them that failed; `None`: there was none.
fn outcomes(page: &Page, of: impl Fn(&Sample) -> bool) -> Option<(f64, f64)> {
    let calls = format!("{CALLS}_count");
    let all = page.sum(&calls, &of).filter(|all| *all > 0.0)?;
    let bad = page.sum(&calls, |sample| of(sample) && sample.is_of_failures());
    Some((all, bad.unwrap_or(0.0)))
}

/// Words in names of metrics about money.
const MONEY: [&str; 5] = ["payment", "revenue", "charge", "refund", "invoice"];

pub(super) fn payments(manifest: &Manifest, page: Metrics<'_>) -> Result {
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
            "add `#[business_event(\"payment.released\")]` where money moves",
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
            format!("none {what} has counted anything yet: {}", names.join(", ")),
            "make a payment, and run this again",
        );
    }
    ok(format!(
        "{} of {} {what} have counted: {}",
        counted.len(),
        names.len(),
        counted.join(", ")
    ))
}

/// Words in names of functions that tell people something.
const TELLING: [&str; 6] = ["notif", "mail", "sms", "push", "slack", "webhook"];

pub(super) fn notifications(manifest: &Manifest, page: Metrics<'_>) -> Result {
    let own = manifest
        .functions
        .iter()
        .filter(|function| function.traced && !function.place.is_of_library());
    let clients: Vec<_> = own.filter(|function| function.kind == "client").collect();
    let tells = |function: &&&Function| {
        let name = function.name.to_ascii_lowercase();
        TELLING.iter().any(|part| name.contains(part))
    };
    let telling: Vec<_> = clients.iter().filter(tells).copied().collect();
    let chosen = if telling.is_empty() { clients } else { telling };
    let names: Vec<_> = chosen
        .iter()
        .map(|function| function.name.as_str())
        .collect();
    if names.is_empty() {
        return person(
            "no function is of kind client: what is sent to others is not told apart",
            "write `#[traced(kind = client)]` on the functions that send mail and messages",
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
            "send one, and run this again",
        ),
        Some((all, bad)) => {
            let (percent, told) = share(bad, all);
            let fact = format!("{shown}: {told} failed since the service started");
            match percent <= MOST_UNDELIVERED {
                true => ok(fact),
                false => fail(
                    fact,
                    "look at the provider's status, and at the errors of these functions",
                ),
            }
        }
    }
}
