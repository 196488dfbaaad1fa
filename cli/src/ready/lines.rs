//! The lines of the checklist.

use super::known::{Known, Line, Result, Verdict, fail, ok, person};
use super::{alerts, figures};
use crate::doctor::backend;
use crate::manifest::Origin;

const BEFORE: &str = "Pre-Deployment";
const AT: &str = "Deployment";
const AFTER: &str = "Post-Deployment";

/// A line: its phase, its name, and how it is judged.
type Row = (&'static str, &'static str, fn(&Known<'_>) -> Result);

const ROWS: [Row; 16] = [
    (BEFORE, "Sentry project created and DSN configured", dsn),
    (BEFORE, "Datadog Agent deployed and running", agent),
    (BEFORE, "Alert rules configured", |known| {
        alerts::declared(&known.manifest.alerts)
    }),
    (BEFORE, "Dashboard created", dashboards),
    (BEFORE, "Log aggregation set up", logs),
    (BEFORE, "Performance baselines established", |known| {
        figures::baselines(known.manifest, known.page)
    }),
    (AT, "Deploy with monitoring enabled", enabled),
    (AT, "Verify error tracking working (test error)", errors),
    (AT, "Verify metrics flowing", metrics),
    (AT, "Check alerts are firing correctly", |known| {
        alerts::firing(&known.manifest.alerts, known.alerts)
    }),
    (AT, "Review dashboards", |_| {
        person(
            "what a dashboard shows, nobody sees but a person",
            "open each, after the test data or first requests are in",
        )
    }),
    (AFTER, "Monitor error rate (below 0.5%)", |known| {
        figures::error_rate(known.page)
    }),
    (AFTER, "Monitor API latency (p95 below 200 ms)", |known| {
        figures::latency(known.page)
    }),
    (AFTER, "Review performance profiles", profiles),
    (AFTER, "Check payment processing metrics", |known| {
        figures::payments(known.manifest, known.page)
    }),
    (AFTER, "Verify notification delivery", |known| {
        figures::notifications(known.manifest, known.page)
    }),
];

pub(super) fn all(known: &Known<'_>) -> Vec<Line> {
    let judge = |(phase, name, judge): &Row| {
        let Result(verdict, fact, remedy) = judge(known);
        Line {
            phase,
            name,
            verdict,
            fact,
            remedy,
        }
    };
    ROWS.iter().map(judge).collect()
}

/// What to do where the program was not run, or not with the network on.
const RUN: &str = "run this on the program itself (not on a saved manifest), where it is to run, with the network on";

/// Checks of the way that log lines and errors go over OTLP.
const OTLP_LOGS: [&str; 4] = [
    "otlp.*",
    "round_trip.otlp.logs",
    "round_trip.otlp",
    "round_trip",
];

fn dsn(known: &Known<'_>) -> Result {
    let faults = known.manifest.config.faults.iter();
    if let Some(fault) = faults
        .into_iter()
        .find(|fault| fault.starts_with("SENTRY_DSN"))
    {
        return fail(
            fault.as_str(),
            "copy the DSN from the project's settings in Sentry (Client Keys)",
        );
    }
    if !known.is_on("sentry") {
        return fail(
            "there is no DSN: Sentry is off",
            "create the project in Sentry, and set SENTRY_DSN to its DSN",
        );
    }
    known.seen(&["sentry.*"], RUN)
}

fn agent(known: &Known<'_>) -> Result {
    if known.is_on("datadog") {
        return known.seen(&["datadog.*", "dogstatsd"], RUN);
    }
    let others: Vec<_> = ["otlp", "prometheus"]
        .into_iter()
        .filter(|name| known.is_on(name))
        .collect();
    match others.is_empty() {
        true => fail(
            "no Agent is set, and nothing else takes metrics and traces",
            "set DD_AGENT_HOST, or another backend",
        ),
        false => person(
            format!(
                "no Agent is set: metrics and traces go to {}",
                others.join(" and ")
            ),
            "tick it if that is what is wanted; else set DD_AGENT_HOST",
        ),
    }
}

fn dashboards(known: &Known<'_>) -> Result {
    let of = |origin| {
        known
            .manifest
            .metrics
            .iter()
            .filter(|metric| metric.origin == origin)
            .count()
    };
    let functions = known
        .manifest
        .functions
        .iter()
        .filter(|function| function.traced)
        .count();
    person(
        format!(
            "can be made of {functions} functions, {} metrics of the catalog and {} of events; whether they were put in place \
             is not to be seen from here",
            of(Origin::Catalog),
            of(Origin::Event)
        ),
        "run `cargo instrumental dashboards`, and put what it writes into Grafana or Datadog",
    )
}

fn logs(known: &Known<'_>) -> Result {
    if known.sends("logs", "logs", "tcp://") {
        return known.seen(&["logs.tcp", "round_trip.tcp*", "round_trip"], RUN);
    }
    if known.sends("otlp", "logs", "") {
        return known.seen(&OTLP_LOGS, RUN);
    }
    if known.sends("logs", "logs", "file://") {
        return match known.seen(&["logs.folder"], RUN) {
            Result(Verdict::Ok, fact, _) => person(
                fact,
                "let a collector read `combined.log` there (Datadog's Agent: a `type: file` entry in `conf.d`)",
            ),
            other => other,
        };
    }
    if known.is_on("logs") {
        return person(
            "lines go to the standard output alone",
            "set LOG_FORMAT=json and let the container's collector take them; or set LOG_TCP, LOG_DIR or OTLP",
        );
    }
    fail(
        "no log line goes anywhere",
        "build with feature `logs`, or send logs over OTLP",
    )
}

fn enabled(known: &Known<'_>) -> Result {
    known.seen(
        &[
            "settings",
            "features",
            "backends",
            "sample_rate",
            "log_filter",
            "logs.folder",
        ],
        RUN,
    )
}

fn errors(known: &Known<'_>) -> Result {
    if known.is_on("sentry") {
        return known.seen(
            &[
                "sentry.*",
                "round_trip.sentry.errors",
                "round_trip.sentry",
                "round_trip",
            ],
            RUN,
        );
    }
    if known.sends("otlp", "logs", "") {
        return known.seen(&OTLP_LOGS, RUN);
    }
    person(
        "errors go to the log alone",
        "trigger one, and look for it there; or set SENTRY_DSN",
    )
}

fn metrics(known: &Known<'_>) -> Result {
    let mut ways = Vec::new();
    if known.sends("datadog", "metrics", "") {
        let seen = known.seen(&["dogstatsd", "round_trip.dogstatsd*", "round_trip"], RUN);
        ways.push(match seen {
            Result(Verdict::Ok, fact, _) => person(
                fact,
                "look for `instrumental.probe` in Datadog's metrics explorer",
            ),
            other => other,
        });
    }
    if known.sends("otlp", "metrics", "") {
        ways.push(known.seen(
            &[
                "otlp.*",
                "round_trip.otlp.metrics",
                "round_trip.otlp",
                "round_trip",
            ],
            RUN,
        ));
    }
    if known.is_on("prometheus") {
        ways.push(match known.page {
            Ok(page) if page.is_empty() => fail(
                "the metrics page is empty",
                "see whether annotated functions are called",
            ),
            Ok(_) => ok("the metrics page is served"),
            Err(why) => person(
                why,
                "open the service's /metrics, and Prometheus's page of targets",
            ),
        });
    }
    worst(ways)
}

/// The worst of them: what is passed is passed for all.
fn worst(ways: Vec<Result>) -> Result {
    let rank = |result: &Result| match result.0 {
        Verdict::Fail => 0,
        Verdict::Person => 1,
        Verdict::Ok => 2,
    };
    let none = || {
        fail(
            "no backend takes metrics",
            "set DD_AGENT_HOST, OTEL_EXPORTER_OTLP_ENDPOINT or PROMETHEUS_PORT",
        )
    };
    ways.into_iter().min_by_key(rank).unwrap_or_else(none)
}

fn profiles(known: &Known<'_>) -> Result {
    let config = &known.manifest.config;
    if !config.features.iter().any(|feature| feature == "profiling") {
        return person(
            "the program was built without feature `profiling`",
            "build with it, or profile by other means",
        );
    }
    let pages = ["live", "prometheus"]
        .iter()
        .filter_map(|name| backend(config, name))
        .flat_map(|backend| &backend.endpoints);
    let pages: Vec<_> = pages
        .map(|endpoint| format!("{}/debug/flamegraph", endpoint.address))
        .collect();
    match pages.is_empty() {
        true => person(
            "profiles can be had, but no page serves them",
            "set INSTRUMENTAL_LIVE=on, or call `instrumental::profile`",
        ),
        false => person(
            format!("flame graphs are at {}", pages.join(" and ")),
            "take one under load, and look at what is widest",
        ),
    }
}
