//! Where notifications go, by severity and by what an alert names.
//!
//! P1 pages and posts to chat, P2 posts to chat and sends mail, P3 posts to chat, P4 is shown on the dashboards only.

use crate::error::Error;
use crate::io;
use instrumental_manifest::{Alert, Severity};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// The content of the file that `--routes` names. Every member is optional.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Routes {
    /// The folder of the files that contain secrets.
    pub secrets: String,
    pub smtp: Smtp,
    /// The address that receives mail about P2.
    pub mail: Option<String>,
    /// Alertmanager's receivers without their names, by severity, team or channel.
    pub receivers: BTreeMap<String, Map<String, Value>>,
    /// Datadog's handles, by severity, team or channel.
    pub datadog: BTreeMap<String, String>,
    pub sentry: Sentry,
}

/// The mail server.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Smtp {
    pub smarthost: String,
    pub from: String,
    /// If set, the password is read from a file.
    pub username: Option<String>,
}

/// Ids that Sentry assigns.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sentry {
    /// The project's slug; the service's name by default.
    pub project: Option<String>,
    /// The Slack integration.
    pub slack: Option<u64>,
    /// The PagerDuty integration, and the service there.
    pub pagerduty: Option<(u64, u64)>,
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            smarthost: "localhost:25".into(),
            from: "alertmanager@localhost".into(),
            username: None,
        }
    }
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            secrets: "/etc/alertmanager/secrets".into(),
            smtp: Smtp::default(),
            mail: None,
            receivers: BTreeMap::new(),
            datadog: BTreeMap::new(),
            sentry: Sentry::default(),
        }
    }
}

impl Routes {
    /// Reads a file, or returns the defaults if there is none.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, Error> {
        let Some(file) = file else {
            return Ok(Self::default());
        };
        let routes = serde_json::from_str(&io::read(file)?);
        routes.map_err(|error| Error::new(format!("{}: invalid routes: {error}", file.display())))
    }

    /// Returns the path of a file that contains a secret.
    pub(crate) fn secret(&self, name: &str) -> String {
        format!("{}/{name}", self.secrets.trim_end_matches('/'))
    }

    /// Returns the receiver for a severity, team or channel: as configured, or else the default.
    pub(crate) fn receiver(&self, name: &str, key: &str, default: &Value) -> Value {
        let mut receiver = Map::new();
        receiver.insert("name".into(), name.into());
        match self.receivers.get(key) {
            Some(configured) => receiver.extend(configured.clone()),
            None => receiver.extend(default.as_object().cloned().unwrap_or_default()),
        }
        receiver.into()
    }
}

/// Returns the chat channel of a team, or the channel itself.
pub(crate) fn channel(recipient: &str) -> String {
    if recipient.starts_with('#') {
        recipient.to_owned()
    } else {
        format!("#{recipient}")
    }
}

/// Returns the channel of a severity; empty for P4.
pub(crate) fn default_channel(severity: Severity) -> &'static str {
    match severity {
        Severity::P1 | Severity::P2 => "#alerts",
        Severity::P3 => "#monitoring",
        Severity::P4 => "",
    }
}

/// Returns the recipients that an alert names, without the channel that its severity already posts to.
pub(crate) fn extra_recipients(alert: &Alert) -> Vec<String> {
    let named = alert.notify.iter();
    let extra = named.filter(|who| channel(who) != default_channel(alert.severity));
    extra.cloned().collect()
}

/// Returns every channel that an alert is posted to.
pub(crate) fn channels(alert: &Alert) -> Vec<String> {
    let mut all = vec![default_channel(alert.severity).to_owned()];
    all.extend(extra_recipients(alert).iter().map(|who| channel(who)));
    all.retain(|channel| !channel.is_empty());
    all
}
