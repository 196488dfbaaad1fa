//! `doctor`: why telemetry does not arrive.
//!
//! The usual causes, and the checks that find them:
//!
//! | cause | check |
//! |---|---|
//! | Sentry: SENTRY_DSN is wrong | `settings`, `features`, `sentry.answer`, `round_trip.sentry.errors` |
//! | Sentry: the firewall blocks outgoing connections | `sentry.connect`, `proxy` |
//! | Sentry: the error handler is not the last layer | `handler` (with `--service URL`) |
//! | Sentry: test with a manual error | `round_trip.sentry.errors`, `error_sample_rate` |
//! | Agent: it is not running | `datadog.connect`, `datadog.answer` (its `/info`) |
//! | Agent: port 8126 is closed | `datadog.connect`; for metrics `dogstatsd` |
//! | Agent: its log shows errors | the remedy of `datadog.connect`, as the log may be on another machine |
//! | Traces: tracing is disabled | `backends`, `features`, `round_trip.*.spans` |
//! | Traces: the sample rate is 0 | `sample_rate`, `sample_rules` |
//! | Traces: the middleware is missing | `handler` |
//! | Traces: a proxy or firewall blocks port 8126 | `proxy`, `datadog.connect` |

mod address;
mod agent;
mod backends;
mod clock;
mod datagrams;
mod finding;
mod folder;
mod http;
mod network;
mod otlp;
mod page;
mod pages;
mod probe;
mod secret;
mod sentry;
mod service;
mod settings;

pub(super) use address::backend;
pub(super) use finding::{Check, Checks, Verdict};
pub(super) use page::MetricsPage;
pub(super) use secret::Secrets;
pub(super) use service::{metrics_url, page as metrics_page};

use crate::error::Error;
use crate::io;
use crate::program::Program;
use crate::progress::Spinner;
use crate::session::Session;
use clap::Args;
use instrumental_manifest::Manifest;
use serde::Serialize;
use std::process::ExitCode;

/// Finds out why telemetry does not arrive, with the settings of this environment.
///
/// Each check prints what it looked at, what it observed and what to do. The exit code is 1 if a check warns or fails.
#[derive(Args, Clone, Debug, Default)]
#[command(
    after_help = "Example:\n  cargo instrumental doctor -p shop --service http://localhost:8080/health"
)]
pub(crate) struct Doctor {
    /// Open no socket: check only settings and files.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// A page of the running service, which is requested once to check that requests are counted.
    #[arg(long, value_name = "URL", conflicts_with = "offline")]
    pub(crate) service: Option<String>,
    /// The metrics of the running service [default: the address in the manifest].
    #[arg(long, value_name = "URL", conflicts_with = "offline")]
    pub(crate) metrics: Option<String>,
}

/// The output of `--json`.
#[derive(Serialize)]
struct Report<'a> {
    service: &'a str,
    /// The number of warnings and failures.
    found: usize,
    checks: &'a [Check],
}

impl Doctor {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        let manifest = session.manifest()?;
        let checks = self.examine(&session.program, &manifest)?;
        let found = checks.found();
        let text = match self.json {
            true => io::json(&Report {
                service: &manifest.service.name,
                found,
                checks: checks.all(),
            })?,
            false => text(&checks),
        };
        io::print(&text)?;
        Ok(ExitCode::from(u8::from(found > 0)))
    }

    /// Runs all checks.
    pub(crate) fn examine(&self, program: &Program, manifest: &Manifest) -> Result<Checks, Error> {
        let executable = program.live()?;
        let spinner = Spinner::new("checking backends");
        let mut checks = Checks::new(Secrets::of_environment());
        // A saved manifest may be from another machine with other variables.
        let is_live = executable.is_some();
        let environment = |name: &str| std::env::var(name).ok().filter(|_| is_live);
        settings::check(manifest, environment, &mut checks);
        backends::check(&manifest.config, self.offline, &mut checks);
        settings::check_folder_faults(&manifest.config, &mut checks);
        if let Some(service) = &self.service {
            let metrics = self.metrics.as_deref();
            service::check(service, metrics, &manifest.config, &mut checks);
        }
        // The round trip has a spinner of its own.
        drop(spinner);
        match executable {
            _ if self.offline => checks.skip("round_trip", "--offline: nothing was sent"),
            None => checks.skip(
                "round_trip",
                "a saved manifest cannot send data; select a program",
            ),
            Some(executable) => probe::check(program, &executable, &manifest.config, &mut checks),
        }
        Ok(checks)
    }
}

fn text(checks: &Checks) -> String {
    let summary = match checks.found() {
        0 => "No problems found.".to_owned(),
        1 => "1 problem found.".to_owned(),
        found => format!("{found} problems found."),
    };
    format!("{}\n{summary}\n", finding::text(checks.all()))
}
