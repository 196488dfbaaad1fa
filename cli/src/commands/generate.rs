//! `generate`: everything that operating a program needs, in one folder.

use super::alerts::Alerts;
use super::dashboards::Dashboards;
use super::docs::Docs;
use super::runbook::Runbook;
use crate::deployment::DeploymentArgs;
use crate::error::Error;
use crate::io;
use crate::session::Session;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes alerts, dashboards, runbooks, the reference and the manifest into one folder.
///
/// Commit the folder: `check --against ops/manifest.json` then compares the next version with it.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  cargo instrumental generate -p shop --out ops --job shop --links https://git.example/shop"
)]
pub(crate) struct Generate {
    /// The folder to write to: `prometheus/`, `alertmanager/`, `datadog/`, `sentry/`, `dashboards/`, `runbooks/`,
    /// `telemetry.md` and `manifest.json`.
    #[arg(long, value_name = "FOLDER", default_value = "ops")]
    out: PathBuf,
    #[command(flatten)]
    deployment: DeploymentArgs,
    /// A file that says where notifications go, as for `alerts --routes`.
    #[arg(long, value_name = "FILE")]
    routes: Option<PathBuf>,
    /// The uid of Grafana's Prometheus data source [default: chosen on the dashboard].
    #[arg(long, value_name = "UID")]
    datasource: Option<String>,
}

impl Generate {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        let manifest = &session.manifest()?;
        let alerts = Alerts {
            out: self.out.clone(),
            only: Vec::new(),
            severity: Vec::new(),
            deployment: self.deployment.clone(),
            routes: self.routes.clone(),
        };
        let code = alerts.write(manifest)?;
        let dashboards = Dashboards {
            out: self.out.join("dashboards"),
            only: None,
            datasource: self.datasource.clone(),
        };
        dashboards.write(manifest)?;
        let runbooks = Runbook {
            alert: None,
            out: Some(self.out.join("runbooks")),
            deployment: self.deployment.clone(),
        };
        runbooks.write(manifest)?;
        let reference = self.out.join("telemetry.md");
        let stored = self.out.join("manifest.json");
        let docs = Docs {
            out: Some(reference.clone()),
        };
        docs.write(manifest)?;
        io::write(&stored, &io::json(manifest)?)?;
        io::print(&format!("{}\n{}\n", reference.display(), stored.display()))?;
        Ok(code)
    }
}
