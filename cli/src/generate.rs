//! `generate`: everything that operations need of a program, into one folder.

use crate::alerts::{Alerts, Surroundings};
use crate::dashboards::Dashboards;
use crate::docs::Docs;
use crate::failure::Failure;
use crate::manifest::Manifest;
use crate::output;
use crate::runbook::Runbook;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Where it goes.
#[derive(Args, Debug)]
pub(crate) struct Generate {
    /// The folder: `prometheus/`, `alertmanager/`, `datadog/`, `sentry/`, `dashboards/`, `runbooks/`, `telemetry.md` and
    /// `manifest.json`, against which `check --against` compares the next version.
    #[arg(long, value_name = "FOLDER", default_value = "ops")]
    out: PathBuf,
    #[command(flatten)]
    surroundings: Surroundings,
    /// Who is told: as `alerts --routes`.
    #[arg(long, value_name = "FILE")]
    routes: Option<PathBuf>,
    /// The uid of Grafana's Prometheus data source; whoever looks at a dashboard chooses one unless given.
    #[arg(long, value_name = "UID")]
    datasource: Option<String>,
}

impl Generate {
    pub(crate) fn run(&self, manifest: &Manifest) -> Result<ExitCode, Failure> {
        let alerts = Alerts {
            out: self.out.clone(),
            only: Vec::new(),
            severity: Vec::new(),
            surroundings: self.surroundings.clone(),
            routes: self.routes.clone(),
        };
        let code = alerts.run(manifest)?;
        let dashboards = Dashboards {
            out: self.out.join("dashboards"),
            only: None,
            datasource: self.datasource.clone(),
        };
        dashboards.run(manifest)?;
        let runbooks = Runbook {
            alert: None,
            out: Some(self.out.join("runbooks")),
            surroundings: self.surroundings.clone(),
        };
        runbooks.run(manifest)?;
        let reference = self.out.join("telemetry.md");
        let stored = self.out.join("manifest.json");
        Docs {
            out: Some(reference.clone()),
        }
        .run(manifest)?;
        output::replace(&stored, &output::json(manifest)?)?;
        output::print(&format!("{}\n{}\n", reference.display(), stored.display()))?;
        Ok(code)
    }
}
