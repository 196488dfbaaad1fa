//! The round trip: the program itself sends test data, marked `instrumental.doctor`, and says what became of them.

use super::finding::Checks;
use crate::failure::Failure;
use crate::manifest::Config;
use crate::program::{self, Program, Scratch};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How long the program may take: to get as far as `init()`, and then ten seconds to send.
const PATIENCE: Duration = Duration::from_secs(40);

/// What the program wrote.
#[derive(Debug, Deserialize)]
pub(super) struct Probe {
    #[serde(default)]
    faults: Vec<String>,
    trace: String,
    in_time: bool,
    backends: Vec<Way>,
}

/// What became of what was sent one way.
#[derive(Debug, Deserialize)]
struct Way {
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

/// Runs the program in its probe mode and looks at every way.
pub(super) fn check(program: &Program, executable: &Path, config: &Config, checks: &mut Checks) {
    if !config.faults.is_empty() {
        return checks.skip(
            "round_trip",
            "`init()` refuses the settings: nothing can be sent",
        );
    }
    match ask(program, executable) {
        Ok(probe) => told(&probe, config, checks),
        Err(failure) => checks.warn(
            "round_trip",
            failure.to_string(),
            "see that the program gets as far as `init()`: name its arguments by --arg, and run it once by hand",
        ),
    }
}

fn ask(program: &Program, executable: &Path) -> Result<Probe, Failure> {
    let file = Scratch::new("probe");
    let mut command = program.command(executable, "INSTRUMENTAL_PROBE", &file.0);
    let name = executable.display().to_string();
    program::run(&mut command, &name, PATIENCE)?;
    let text = std::fs::read_to_string(&file.0).map_err(|_| {
        Failure::new(format!("{name} ended and told of no probe: it was built with a version of `instrumental` that knows none"))
    })?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("{name} tells of its probe in another way: {error}")))
}

fn told(probe: &Probe, config: &Config, checks: &mut Checks) {
    for fault in &probe.faults {
        checks.fail(
            "round_trip",
            fault,
            "`init()` refuses to start with this: correct the setting",
        );
    }
    if !probe.faults.is_empty() {
        return;
    }
    let before = checks.all().len();
    for way in &probe.backends {
        // Nobody misses what the console does not show.
        if way.name == "console" {
            continue;
        }
        if checks.is_barred(&way.name) {
            checks.skip(
                &format!("round_trip.{}", way.name),
                "barred, as is told above",
            );
            continue;
        }
        for signal in expected(&way.name) {
            one(way, signal, config, probe, checks);
        }
    }
    if checks.all().len() == before {
        checks.skip(
            "round_trip",
            "no backend is sent anything; pages are asked for",
        );
    }
    if !probe.in_time
        && checks.all()[before..]
            .iter()
            .all(|check| check.remedy.is_empty())
    {
        checks.warn(
            "round_trip",
            "not everything was handed over within 10 s",
            "look at what answers slowly",
        );
    }
}

/// What test data go each way.
fn expected(way: &str) -> &'static [&'static str] {
    match way {
        "sentry" => &["errors", "spans"],
        "datadog" => &["spans"],
        "dogstatsd" => &["metrics"],
        "otlp" => &["spans", "metrics", "logs"],
        _ => &["logs"],
    }
}

fn one(way: &Way, signal: &str, config: &Config, probe: &Probe, checks: &mut Checks) {
    let name = format!("round_trip.{}.{signal}", way.name);
    let Some(account) = way
        .signals
        .iter()
        .find(|account| account.signal == signal)
        .filter(|account| account.accepted > 0)
    else {
        return checks.skip(
            &name,
            "nothing of this kind is sent this way: it is switched off, or its filter takes none",
        );
    };
    let lost: u64 = account.dropped.values().sum();
    if lost + account.queued == 0 {
        let what = match way.name.as_str() {
            "dogstatsd" => "sent; whether they were taken, nobody tells",
            "tcp" => "sent",
            "files" => "written",
            _ => "taken by the backend",
        };
        let trace = match signal {
            "spans" => format!(", trace {}", probe.trace),
            _ => String::new(),
        };
        return checks.ok(&name, format!("{} {what}{trace}", account.delivered));
    }
    lost_of(&name, way, account, config, checks);
}

fn lost_of(name: &str, way: &Way, account: &Account, config: &Config, checks: &mut Checks) {
    let reasons: Vec<_> = account
        .dropped
        .iter()
        .map(|(reason, count)| format!("{reason}: {count}"))
        .collect();
    let failure = way.last_failure.as_deref().unwrap_or("no answer");
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
            "the program's own `before_send`, or what it ignores, drops the test error",
            "look at what the hook lets through",
        );
    }
    let remedy = match failure {
        "HTTP 401" | "HTTP 403" | "gRPC Unauthenticated" | "gRPC PermissionDenied" => {
            "the key is not taken: compare the DSN, or OTEL_EXPORTER_OTLP_HEADERS, with the backend's settings"
        }
        "HTTP 404" => {
            "the address is not one that takes this: compare it with the backend's settings"
        }
        "HTTP 413" => "the backend, or a proxy before it, takes no bodies of this size",
        "HTTP 429" | "asked to be left alone for now" => {
            "the backend's quota is used up, or its rate limit is reached"
        }
        _ => "see the checks of this backend's address above",
    };
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
        remedy,
    );
}
