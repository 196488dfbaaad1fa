//! `cargo instrumental doctor`: why telemetry does not flow. Each check names what it looked at, what came of it, and
//! what to do.
//!
//! The troubleshooting list of the guide that this project follows, and the checks that do its lines:
//!
//! | line | check |
//! |---|---|
//! | Sentry 1: SENTRY_DSN is correct | `settings`, `features`, `sentry.answer`, `round_trip.sentry.errors` |
//! | Sentry 2: the firewall allows connections out | `sentry.connect`, `proxy` |
//! | Sentry 3: the error handler is registered last | `handler` (with `--service URL`) |
//! | Sentry 4: test with a manual error | `round_trip.sentry.errors`, `error_sample_rate` |
//! | Agent 1: its status | `datadog.connect`, `datadog.answer` (its `/info`) |
//! | Agent 2: port 8126 is open | `datadog.connect`; for metrics `dogstatsd` |
//! | Agent 3: its log, Agent 4: restart it | the remedy of `datadog.connect`: another machine's files are not read, and no service is restarted |
//! | Performance 1: tracing is enabled | `backends`, `features`, `round_trip.*.spans` |
//! | Performance 2: the sample rate is not 0 | `sample_rate`, `sample_rules` |
//! | Performance 3: the middleware is registered | `handler` |
//! | Performance 4: a proxy or firewall blocks port 8126 | `proxy`, `datadog.connect` |

mod address;
mod agent;
mod clock;
mod datagrams;
mod finding;
mod folder;
mod http;
mod network;
mod page;
mod pages;
mod probe;
mod secret;
mod service;
mod settings;

pub(crate) use address::backend;
pub(crate) use finding::{Check, Checks, Verdict};
pub(crate) use page::Page;
pub(crate) use secret::Secrets;
pub(crate) use service::{metrics_url, page as metrics_page};

use crate::failure::Failure;
use crate::manifest::Manifest;
use crate::output;
use crate::program::Program;
use clap::Args;
use serde::Serialize;
use std::process::ExitCode;

/// How to look.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Doctor {
    /// Opens no socket: looks at settings and files alone.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Prints the checks as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// A page of the running service: is sent one request, to see whether requests are counted.
    #[arg(long, value_name = "URL", conflicts_with = "offline")]
    pub(crate) service: Option<String>,
    /// Where the running service's metrics are; unless given, where the manifest says.
    #[arg(long, value_name = "URL", conflicts_with = "offline")]
    pub(crate) metrics: Option<String>,
}

/// What is printed with `--json`.
#[derive(Serialize)]
struct Told<'a> {
    service: &'a str,
    /// How many checks found something.
    found: usize,
    checks: &'a [Check],
}

impl Doctor {
    /// 0: all is well; 1: something was found.
    pub(crate) fn run(&self, program: &Program) -> Result<ExitCode, Failure> {
        let manifest = program.manifest()?;
        let checks = self.examine(program, &manifest)?;
        let found = checks.found();
        if self.json {
            let told = Told {
                service: &manifest.service.name,
                found,
                checks: checks.all(),
            };
            output::print(&output::json(&told)?)?;
        } else {
            let end = match found {
                0 => "Nothing was found.".to_owned(),
                1 => "One thing was found.".to_owned(),
                found => format!("{found} things were found."),
            };
            output::print(&format!("{}\n{end}\n", finding::text(checks.all())))?;
        }
        Ok(ExitCode::from(u8::from(found > 0)))
    }

    /// All checks.
    pub(crate) fn examine(
        &self,
        program: &Program,
        manifest: &Manifest,
    ) -> Result<Checks, Failure> {
        let executable = program.live()?;
        let mut checks = Checks::new(Secrets::of_environment());
        // A saved manifest may be of another machine, whose variables are not ours.
        let is_live = executable.is_some();
        let environment = |name: &str| std::env::var(name).ok().filter(|_| is_live);
        settings::check(manifest, environment, &mut checks);
        network::check(&manifest.config, self.offline, &mut checks);
        settings::folder_fault(&manifest.config, &mut checks);
        if let Some(service) = &self.service {
            service::check(
                service,
                self.metrics.as_deref(),
                &manifest.config,
                &mut checks,
            );
        }
        match executable {
            _ if self.offline => checks.skip("round_trip", "--offline: nothing was sent"),
            None => checks.skip(
                "round_trip",
                "a saved manifest sends nothing: name the program",
            ),
            Some(executable) => probe::check(program, &executable, &manifest.config, &mut checks),
        }
        Ok(checks)
    }
}
