//! `cargo instrumental dashboards`: Grafana's and Datadog's, out of one description.
//!
//! The rooms: `overview`, `groups`, `performance` and `business` say what is shown, as [`panel`]s of the manifest's
//! queries; `limits` draws the alerts' thresholds; `grafana` and `datadog` write it down.

mod business;
mod datadog;
mod datadog_query;
mod grafana;
mod groups;
mod layout;
mod limits;
mod overview;
mod panel;
mod performance;
mod promql;
mod signals;
#[cfg(test)]
mod tests;
mod text;
mod words;

use crate::failure::Failure;
use crate::manifest::Manifest;
use crate::output;
use clap::{Args, ValueEnum};
use panel::Dashboard;
use std::path::PathBuf;

/// Where to, and for whom.
#[derive(Args, Debug)]
pub(crate) struct Dashboards {
    /// The folder to write to: `grafana/*.json` and `datadog/*.json`.
    #[arg(long, value_name = "DIR", default_value = "dashboards")]
    pub out: PathBuf,
    /// Only those of one vendor.
    #[arg(long, value_enum)]
    pub only: Option<Vendor>,
    /// The uid of Grafana's Prometheus data source; whoever looks at a dashboard chooses one unless given.
    #[arg(long, value_name = "UID")]
    pub datasource: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Vendor {
    Grafana,
    Datadog,
}

impl Dashboards {
    /// Writes a file for each dashboard, and prints which.
    pub(crate) fn run(&self, manifest: &Manifest) -> Result<(), Failure> {
        let mut said = String::new();
        for (name, text) in files(manifest, self)? {
            let path = self.out.join(name);
            output::replace(&path, &text)?;
            said.push_str(&format!("{}\n", path.display()));
        }
        output::print(&said)
    }
}

/// Names of files and what is in them.
fn files(manifest: &Manifest, options: &Dashboards) -> Result<Vec<(String, String)>, Failure> {
    let wanted = |vendor| options.only.is_none_or(|only| only == vendor);
    let mut files = Vec::new();
    for dashboard in dashboards(manifest) {
        // Two names of a hostile manifest may make one file name; their ids tell them apart.
        let mut name = text::slug(&dashboard.key);
        if name != dashboard.key {
            name = text::uid("", &dashboard.key);
        }
        if wanted(Vendor::Grafana) {
            let value = grafana::render(manifest, &dashboard, options.datasource.as_deref())?;
            files.push((format!("grafana/{name}.json"), output::json(&value)?));
        }
        if wanted(Vendor::Datadog) {
            let value = datadog::render(manifest, &dashboard)?;
            files.push((format!("datadog/{name}.json"), output::json(&value)?));
        }
    }
    Ok(files)
}

/// All dashboards of a program.
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
