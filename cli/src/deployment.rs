//! The deployment of the program: what alerts and runbooks need, but the manifest does not contain.

use crate::query::promql::{Reader, Scope};
use clap::Args;
use instrumental_manifest::Manifest;

/// Options about the deployment.
#[derive(Args, Clone, Debug)]
pub(crate) struct DeploymentArgs {
    /// The scrape job in Prometheus: rules select its series only. Set it if one Prometheus scrapes several programs, as
    /// their requests share one metric name.
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// The environment that Datadog and Sentry watch [default: the program's own].
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// The base URL of the repository's files, which is prepended to runbooks that are paths.
    #[arg(long, value_name = "URL")]
    links: Option<String>,
    /// The URL of Grafana, for the alerts' links to the dashboards.
    #[arg(long, value_name = "URL")]
    grafana: Option<String>,
}

/// A program and where it is deployed.
#[derive(Clone, Copy)]
pub(crate) struct Deployment<'a> {
    pub manifest: &'a Manifest,
    pub job: Option<&'a str>,
    pub environment: &'a str,
    pub links: Option<&'a str>,
    pub grafana: Option<&'a str>,
}

impl<'a> Deployment<'a> {
    pub(crate) fn new(manifest: &'a Manifest, args: &'a DeploymentArgs) -> Self {
        let own = &manifest.service.environment;
        Self {
            manifest,
            job: args.job.as_deref(),
            environment: args.environment.as_deref().unwrap_or(own),
            links: args.links.as_deref(),
            grafana: args.grafana.as_deref(),
        }
    }

    /// Returns the scope of Prometheus queries over a window.
    pub(crate) fn scope<'s>(&'s self, window: &'s str) -> Scope<'s> {
        Scope::new(self.manifest, window, Reader::Prometheus { job: self.job })
    }

    /// Returns the URL of a runbook. A path stays a path if the repository's URL is not given.
    pub(crate) fn runbook_link(&self, runbook: &str) -> String {
        match self.links {
            Some(base) if !runbook.is_empty() && !runbook.contains("://") => {
                format!("{}/{runbook}", base.trim_end_matches('/'))
            }
            _ => runbook.to_owned(),
        }
    }

    /// Returns the URL of the service's dashboards, or an empty string if Grafana's is not given.
    pub(crate) fn dashboards_link(&self) -> String {
        let Some(base) = self.grafana else {
            return String::new();
        };
        let mut name = String::new();
        for byte in self.manifest.service.name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                name.push(char::from(byte));
            } else {
                name.push_str(&format!("%{byte:02X}"));
            }
        }
        format!("{}/dashboards?query={name}", base.trim_end_matches('/'))
    }
}
