//! `dashboards`: dashboards for Grafana and Datadog, generated from one description.
//!
//! `overview`, `groups`, `performance` and `business` describe [`panel`]s with queries of the manifest's metrics; `limits`
//! adds the thresholds of alerts; `grafana` and `datadog` render the result.

mod business;
mod datadog;
mod datadog_query;
mod grafana;
mod groups;
mod layout;
mod limits;
mod names;
mod overview;
mod panel;
mod performance;
mod promql;
mod signals;
#[cfg(test)]
mod tests;
mod text;

use crate::error::Error;
use crate::io;
use crate::session::Session;
use clap::{Args, ValueEnum};
use instrumental_manifest::Manifest;
use panel::Dashboard;
use std::path::PathBuf;
use std::process::ExitCode;

/// Writes dashboards for Grafana and Datadog.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  cargo instrumental dashboards -p shop --out ops/dashboards --only grafana"
)]
pub(crate) struct Dashboards {
    /// The folder to write to: `grafana/*.json` and `datadog/*.json`.
    #[arg(long, value_name = "DIR", default_value = "dashboards")]
    pub out: PathBuf,
    /// Only write dashboards of one vendor.
    #[arg(long, value_enum)]
    pub only: Option<Vendor>,
    /// The uid of Grafana's Prometheus data source [default: chosen on the dashboard].
    #[arg(long, value_name = "UID")]
    pub datasource: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Vendor {
    Grafana,
    Datadog,
}

impl Dashboards {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        self.write(&session.manifest()?)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Writes a file for each dashboard, and prints the paths.
    pub(crate) fn write(&self, manifest: &Manifest) -> Result<(), Error> {
        let mut paths = String::new();
        for (name, text) in files(manifest, self)? {
            let path = self.out.join(name);
            io::write(&path, &text)?;
            paths.push_str(&format!("{}\n", path.display()));
        }
        io::print(&paths)
    }
}

/// Returns the paths and contents of the files.
fn files(manifest: &Manifest, options: &Dashboards) -> Result<Vec<(String, String)>, Error> {
    let wanted = |vendor| options.only.is_none_or(|only| only == vendor);
    let mut files = Vec::new();
    for dashboard in dashboards(manifest) {
        // Two keys may have the same slug; their ids differ.
        let mut name = text::slug(&dashboard.key);
        if name != dashboard.key {
            name = text::uid("", &dashboard.key);
        }
        if wanted(Vendor::Grafana) {
            let value = grafana::render(manifest, &dashboard, options.datasource.as_deref())?;
            files.push((format!("grafana/{name}.json"), io::json(&value)?));
        }
        if wanted(Vendor::Datadog) {
            let value = datadog::render(manifest, &dashboard)?;
            files.push((format!("datadog/{name}.json"), io::json(&value)?));
        }
    }
    Ok(files)
}

/// Returns all dashboards of a program.
fn dashboards(manifest: &Manifest) -> Vec<Dashboard> {
    let mut all = vec![overview::dashboard(manifest)];
    all.extend(business::dashboard(manifest));
    all.push(performance::dashboard(manifest));
    for mut group in groups::dashboards(manifest) {
        // A catalog may have a module `overview`.
        while all.iter().any(|other| other.key == group.key) {
            group.key.push_str("-signals");
        }
        all.push(group);
    }
    limits::draw(manifest, &mut all);
    all
}
