//! The lines of the checklist.

use super::evidence::{Evidence, Finding, Line, Verdict, fail, ok, person};
use super::{alerts, figures};
use crate::commands::doctor::backend;
use instrumental_manifest::Origin;

const BEFORE: &str = "Pre-Deployment";
const AT: &str = "Deployment";
const AFTER: &str = "Post-Deployment";

/// A line: its phase, its name, and the function that checks it.
type Row = (&'static str, &'static str, fn(&Evidence<'_>) -> Finding);

const ROWS: [Row; 16] = [
    (BEFORE, "Sentry project created and DSN configured", dsn),
    (BEFORE, "Datadog Agent deployed and running", agent),
    (BEFORE, "Alert rules configured", |evidence| {
        alerts::declared(&evidence.manifest.alerts)
    }),
    (BEFORE, "Dashboard created", dashboards),
    (BEFORE, "Log aggregation set up", logs),
    (BEFORE, "Performance baselines established", |evidence| {
        figures::baselines(evidence.manifest, evidence.page)
    }),
    (AT, "Deploy with monitoring enabled", enabled),
    (AT, "Verify error tracking working (test error)", errors),
    (AT, "Verify metrics flowing", metrics),
    (AT, "Check alerts are firing correctly", |evidence| {
        alerts::firing(&evidence.manifest.alerts, evidence.alerts)
    }),
    (AT, "Review dashboards", |_| {
        person(
            "only a person can review a dashboard",
            "open each dashboard after the first requests",
        )
    }),
    (AFTER, "Monitor error rate (below 0.5%)", |evidence| {
        figures::error_rate(evidence.page)
    }),
    (
        AFTER,
        "Monitor API latency (p95 below 200 ms)",
        |evidence| figures::latency(evidence.page),
    ),
    (AFTER, "Review performance profiles", profiles),
    (AFTER, "Check payment processing metrics", |evidence| {
        figures::payments(evidence.manifest, evidence.page)
    }),
    (AFTER, "Verify notification delivery", |evidence| {
        figures::notifications(evidence.manifest, evidence.page)
    }),
];

pub(super) fn all(evidence: &Evidence<'_>) -> Vec<Line> {
    let line = |(phase, name, check): &Row| {
        let Finding(verdict, fact, remedy) = check(evidence);
        Line {
            phase,
            name,
            verdict,
            fact,
            remedy,
        }
    };
    ROWS.iter().map(line).collect()
}

/// What to do if the program was not run, or without network.
const RUN: &str = "run this on the program itself instead of a saved manifest, where it will run, with network access";

/// Checks of the route of log lines and errors over OTLP.
const OTLP_LOGS: [&str; 4] = [
    "otlp.*",
    "round_trip.otlp.logs",
    "round_trip.otlp",
    "round_trip",
];

fn dsn(evidence: &Evidence<'_>) -> Finding {
    let faults = evidence.manifest.config.faults.iter();
    if let Some(fault) = faults
        .into_iter()
        .find(|fault| fault.starts_with("SENTRY_DSN"))
    {
        return fail(
            fault.as_str(),
            "copy the DSN from the project's settings in Sentry (Client Keys)",
        );
    }
    if !evidence.is_on("sentry") {
        return fail(
            "there is no DSN: Sentry is off",
            "create the project in Sentry, and set SENTRY_DSN to its DSN",
        );
    }
    evidence.result(&["sentry.*"], RUN)
}

fn agent(evidence: &Evidence<'_>) -> Finding {
    if evidence.is_on("datadog") {
        return evidence.result(&["datadog.*", "dogstatsd"], RUN);
    }
    let others: Vec<_> = ["otlp", "prometheus"]
        .into_iter()
        .filter(|name| evidence.is_on(name))
        .collect();
    match others.is_empty() {
        true => fail(
            "no Agent is set, and no other backend receives metrics and traces",
            "set DD_AGENT_HOST, or another backend",
        ),
        false => person(
            format!(
                "no Agent is set: metrics and traces go to {}",
                others.join(" and ")
            ),
            "accept this if it is intended; otherwise set DD_AGENT_HOST",
        ),
    }
}

fn dashboards(evidence: &Evidence<'_>) -> Finding {
    let of = |origin| {
        evidence
            .manifest
            .metrics
            .iter()
            .filter(|metric| metric.origin == origin)
            .count()
    };
    let functions = evidence
        .manifest
        .functions
        .iter()
        .filter(|function| function.traced)
        .count();
    person(
        format!(
            "can be generated from {functions} functions, {} metrics of the catalog and {} of events; whether they are \
             deployed is unknown",
            of(Origin::Catalog),
            of(Origin::Event)
        ),
        "run `cargo instrumental dashboards`, and import its files into Grafana or Datadog",
    )
}

fn logs(evidence: &Evidence<'_>) -> Finding {
    if evidence.sends("logs", "logs", "tcp://") {
        return evidence.result(&["logs.tcp", "round_trip.tcp*", "round_trip"], RUN);
    }
    if evidence.sends("otlp", "logs", "") {
        return evidence.result(&OTLP_LOGS, RUN);
    }
    if evidence.sends("logs", "logs", "file://") {
        return match evidence.result(&["logs.folder"], RUN) {
            Finding(Verdict::Ok, fact, _) => person(
                fact,
                "set up a collector that reads `combined.log` there (Datadog's Agent: a `type: file` entry in `conf.d`)",
            ),
            other => other,
        };
    }
    if evidence.is_on("logs") {
        return person(
            "log lines only go to standard output",
            "set LOG_FORMAT=json for the container's collector, or set LOG_TCP, LOG_DIR or OTLP",
        );
    }
    fail(
        "log lines have no destination",
        "build with the feature `logs`, or send logs over OTLP",
    )
}

fn enabled(evidence: &Evidence<'_>) -> Finding {
    evidence.result(
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

fn errors(evidence: &Evidence<'_>) -> Finding {
    if evidence.is_on("sentry") {
        return evidence.result(
            &[
                "sentry.*",
                "round_trip.sentry.errors",
                "round_trip.sentry",
                "round_trip",
            ],
            RUN,
        );
    }
    if evidence.sends("otlp", "logs", "") {
        return evidence.result(&OTLP_LOGS, RUN);
    }
    person(
        "errors only go to the log",
        "cause an error and find it in the log, or set SENTRY_DSN",
    )
}

fn metrics(evidence: &Evidence<'_>) -> Finding {
    let mut routes = Vec::new();
    if evidence.sends("datadog", "metrics", "") {
        let result = evidence.result(&["dogstatsd", "round_trip.dogstatsd*", "round_trip"], RUN);
        routes.push(match result {
            Finding(Verdict::Ok, fact, _) => person(
                fact,
                "find `instrumental.probe` in Datadog's metrics explorer",
            ),
            other => other,
        });
    }
    if evidence.sends("otlp", "metrics", "") {
        routes.push(evidence.result(
            &[
                "otlp.*",
                "round_trip.otlp.metrics",
                "round_trip.otlp",
                "round_trip",
            ],
            RUN,
        ));
    }
    if evidence.is_on("prometheus") {
        routes.push(match evidence.page {
            Ok(page) if page.is_empty() => fail(
                "the metrics page is empty",
                "check that annotated functions are called",
            ),
            Ok(_) => ok("the metrics page is served"),
            Err(why) => person(
                why,
                "open the service's /metrics, and Prometheus' page of targets",
            ),
        });
    }
    worst(routes)
}

/// Returns the worst result: a line passes if all routes pass.
fn worst(routes: Vec<Finding>) -> Finding {
    let rank = |result: &Finding| match result.0 {
        Verdict::Fail => 0,
        Verdict::Person => 1,
        Verdict::Ok => 2,
    };
    let none = || {
        fail(
            "no backend receives metrics",
            "set DD_AGENT_HOST, OTEL_EXPORTER_OTLP_ENDPOINT or PROMETHEUS_PORT",
        )
    };
    routes.into_iter().min_by_key(rank).unwrap_or_else(none)
}

fn profiles(evidence: &Evidence<'_>) -> Finding {
    let config = &evidence.manifest.config;
    if !config.features.iter().any(|feature| feature == "profiling") {
        return person(
            "the program was built without the feature `profiling`",
            "add the feature, or use another profiler",
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
            "the program can be profiled, but serves no page for it",
            "set INSTRUMENTAL_LIVE=on, or call `instrumental::profile`",
        ),
        false => person(
            format!("flame graphs are at {}", pages.join(" and ")),
            "take one under load, and check the widest frames",
        ),
    }
}
