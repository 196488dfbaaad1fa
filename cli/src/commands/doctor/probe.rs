//! The round trip: the program itself sends test data, marked `instrumental.doctor`, and reports the delivery.

use super::finding::Checks;
use crate::error::Error;
use crate::program::{self, Program, Scratch};
use instrumental_manifest::Config;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The timeout of the program, which takes up to ten seconds to send after `init()`.
const TIMEOUT: Duration = Duration::from_secs(40);

/// The program's report.
#[derive(Debug, Deserialize)]
pub(super) struct Probe {
    #[serde(default)]
    faults: Vec<String>,
    trace: String,
    in_time: bool,
    #[serde(rename = "backends")]
    routes: Vec<Route>,
}

/// The deliveries on one route.
#[derive(Debug, Deserialize)]
struct Route {
    name: String,
    last_failure: Option<String>,
    signals: Vec<Account>,
}

#[derive(Debug, Deserialize)]
struct Account {
    signal: String,
    accepted: u64,
    delivered: u64,
    queued: u64,
    dropped: BTreeMap<String, u64>,
}

/// Runs the program in its probe mode and checks every route.
pub(super) fn check(program: &Program, executable: &Path, config: &Config, checks: &mut Checks) {
    if !config.faults.is_empty() {
        return checks.skip(
            "round_trip",
            "`init()` fails with these settings, so nothing can be sent",
        );
    }
    match ask(program, executable) {
        Ok(probe) => report(&probe, config, checks),
        Err(failure) => checks.warn(
            "round_trip",
            failure.to_string(),
            "check that the program reaches `init()`: pass its arguments with --arg, and run it once by hand",
        ),
    }
}

fn ask(program: &Program, executable: &Path) -> Result<Probe, Error> {
    let file = Scratch::new("probe");
    let mut command = program.command(executable, "INSTRUMENTAL_PROBE", &file.0);
    let name = executable.display().to_string();
    program::run(&mut command, &name, TIMEOUT)?;
    let text = std::fs::read_to_string(&file.0).map_err(|_| {
        Error::new(format!("{name} exited without a probe report; it was built with a version of `instrumental` that has no probe mode"))
    })?;
    serde_json::from_str(&text)
        .map_err(|error| Error::new(format!("{name} wrote an invalid probe report: {error}")))
}

fn report(probe: &Probe, config: &Config, checks: &mut Checks) {
    for fault in &probe.faults {
        checks.fail(
            "round_trip",
            fault,
            "`init()` fails with this setting; correct it",
        );
    }
    if !probe.faults.is_empty() {
        return;
    }
    let before = checks.all().len();
    for route in &probe.routes {
        // A failure of the console would be visible.
        if route.name == "console" {
            continue;
        }
        if checks.is_unreachable(&route.name) {
            checks.skip(
                &format!("round_trip.{}", route.name),
                "unreachable; see the checks above",
            );
            continue;
        }
        for signal in expected(&route.name) {
            one(route, signal, config, probe, checks);
        }
    }
    if checks.all().len() == before {
        checks.skip(
            "round_trip",
            "no backend receives data; all of them serve pages",
        );
    }
    if !probe.in_time
        && checks.all()[before..]
            .iter()
            .all(|check| check.remedy.is_empty())
    {
        checks.warn(
            "round_trip",
            "not everything was delivered within 10 s",
            "check which backend answers slowly",
        );
    }
}

/// Returns the signals of the test data on a route.
fn expected(route: &str) -> &'static [&'static str] {
    match route {
        "sentry" => &["errors", "spans"],
        "datadog" => &["spans"],
        "dogstatsd" => &["metrics"],
        "otlp" => &["spans", "metrics", "logs"],
        _ => &["logs"],
    }
}

fn one(route: &Route, signal: &str, config: &Config, probe: &Probe, checks: &mut Checks) {
    let name = format!("round_trip.{}.{signal}", route.name);
    let Some(account) = route
        .signals
        .iter()
        .find(|account| account.signal == signal)
        .filter(|account| account.accepted > 0)
    else {
        return checks.skip(
            &name,
            "this signal is not sent on this route; it is off, or its filter rejects the test data",
        );
    };
    let dropped: u64 = account.dropped.values().sum();
    if dropped + account.queued == 0 {
        let what = match route.name.as_str() {
            "dogstatsd" => "sent; delivery is not confirmed",
            "tcp" => "sent",
            "files" => "written",
            _ => "accepted by the backend",
        };
        let trace = match signal {
            "spans" => format!(", trace {}", probe.trace),
            _ => String::new(),
        };
        return checks.ok(&name, format!("{} {what}{trace}", account.delivered));
    }
    undelivered(&name, route, account, config, checks);
}

fn undelivered(name: &str, route: &Route, account: &Account, config: &Config, checks: &mut Checks) {
    let reasons: Vec<_> = account
        .dropped
        .iter()
        .map(|(reason, count)| format!("{reason}: {count}"))
        .collect();
    let failure = route.last_failure.as_deref().unwrap_or("no answer");
    let rate = config
        .backends
        .iter()
        .find_map(|backend| backend.error_sample_rate)
        .unwrap_or(1.0);
    let only = |reason: &str| {
        account.dropped.len() == 1 && account.dropped.contains_key(reason) && account.queued == 0
    };
    if only("sample_rate") {
        return checks.skip(
            name,
            format!("the test error was sampled out (error sample rate {rate})"),
        );
    }
    if only("before_send") || only("ignored") {
        return checks.warn(
            name,
            "the program's `before_send` hook or its ignored errors drop the test error",
            "check what the hook drops",
        );
    }
    let waiting = match account.queued {
        0 => String::new(),
        queued => format!(", {queued} still waiting"),
    };
    checks.fail(
        name,
        format!(
            "{} of {} arrived ({}{waiting}); the last attempt: {failure}",
            account.delivered,
            account.accepted,
            reasons.join(", ")
        ),
        remedy(failure),
    );
}

/// Returns what to do after a failure.
fn remedy(failure: &str) -> &'static str {
    match failure {
        "HTTP 401" | "HTTP 403" | "gRPC Unauthenticated" | "gRPC PermissionDenied" => {
            "the key was rejected: compare the DSN or OTEL_EXPORTER_OTLP_HEADERS with the backend's settings"
        }
        "HTTP 404" => {
            "the address does not accept this signal: compare it with the backend's settings"
        }
        "HTTP 413" => "the backend, or a proxy in front of it, rejects requests of this size",
        "HTTP 429" | "rate limited" => {
            "the quota or rate limit of the backend is exceeded"
        }
        _ => "see the checks of this backend's address above",
    }
}
