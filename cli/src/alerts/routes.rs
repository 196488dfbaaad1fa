//! Who is told: Alertmanager's routing, and the receivers of the other systems.
//!
//! P1 pages and is posted, P2 is posted and mailed, P3 is posted, P4 is shown on the dashboards only.

use super::rules::Rule;
use crate::failure::Failure;
use crate::input;
use crate::manifest::{Alert, Severity};
use crate::query::promql::{literal, string};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The receiver that tells nobody.
const NOBODY: &str = "dashboard";
const TITLE: &str = "[{{ .CommonLabels.severity }}] {{ .CommonLabels.alertname }}: {{ .CommonAnnotations.summary }}";
const TEXT: &str = "{{ range .Alerts }}{{ .Status }}: {{ .Annotations.description }} {{ .Annotations.impact }}\n\
                    {{ with .Annotations.runbook_url }}Runbook: {{ . }}\n{{ end }}\
                    {{ with .Annotations.dashboard_url }}Dashboard: {{ . }}\n{{ end }}\
                    Source: {{ .Annotations.source }}\n{{ end }}";

/// What `--routes` may say. Every part may be left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Routes {
    /// The folder of the files that hold what is secret.
    secrets: String,
    smtp: Smtp,
    /// Who gets mail of P2.
    pub mail: Option<String>,
    /// Receivers of Alertmanager's, without names: by severity, team or channel.
    receivers: BTreeMap<String, Map<String, Value>>,
    /// Handles of Datadog's: by severity, team or channel.
    pub datadog: BTreeMap<String, String>,
    pub sentry: Sentry,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Smtp {
    smarthost: String,
    from: String,
    /// The password is in a file then.
    username: Option<String>,
}

/// Ids that only Sentry knows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sentry {
    /// The project's slug; the service's name unless given.
    pub project: Option<String>,
    /// The integration with Slack.
    pub slack: Option<u64>,
    /// The integration with PagerDuty, and the service there.
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
    /// From a file, or as they follow from the severities.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let Some(file) = file else {
            return Ok(Self::default());
        };
        let routes = serde_json::from_str(&input::read(file)?);
        routes.map_err(|error| Failure::new(format!("{} holds no routes: {error}", file.display())))
    }

    fn secret(&self, name: &str) -> String {
        format!("{}/{name}", self.secrets.trim_end_matches('/'))
    }

    /// A receiver of that name; what follows from the severity or team unless the routes say otherwise.
    fn receiver(&self, name: &str, key: &str, otherwise: Value) -> Value {
        let mut receiver = Map::new();
        receiver.insert("name".into(), name.into());
        match self.receivers.get(key) {
            Some(given) => receiver.extend(given.clone()),
            None => receiver.extend(otherwise.as_object().cloned().unwrap_or_default()),
        }
        receiver.into()
    }
}

/// The chat channel of a team, or the channel itself.
pub(super) fn channel(notify: &str) -> String {
    if notify.starts_with('#') {
        notify.to_owned()
    } else {
        format!("#{notify}")
    }
}

/// The channel that a severity is posted to.
fn usual(severity: Severity) -> &'static str {
    match severity {
        Severity::P1 | Severity::P2 => "#alerts",
        Severity::P3 => "#monitoring",
        Severity::P4 => "",
    }
}

/// Who is told besides those that the severity says: nobody twice.
pub(crate) fn besides(alert: &Alert) -> Vec<String> {
    let named = alert.notify.iter();
    let others = named.filter(|who| channel(who) != usual(alert.severity));
    others.cloned().collect()
}

/// Every channel that an alert is posted to.
pub(crate) fn channels(alert: &Alert) -> Vec<String> {
    let mut all = vec![usual(alert.severity).to_owned()];
    all.extend(besides(alert).iter().map(|who| channel(who)));
    all.retain(|channel| !channel.is_empty());
    all
}

fn slack(channel: &str) -> Value {
    json!([{"channel": channel, "send_resolved": true, "title": TITLE, "text": TEXT}])
}

/// Who is named by any rule, once each.
fn named(rules: &[Rule]) -> Vec<&str> {
    let mut named: Vec<&str> = rules
        .iter()
        .flat_map(|rule| &rule.notify)
        .map(String::as_str)
        .collect();
    named.sort_unstable();
    named.dedup();
    named
}

/// Alertmanager's configuration.
pub(crate) fn alertmanager(routes: &Routes, rules: &[Rule]) -> Result<Value, Failure> {
    let named = named(rules);
    let known = |key: &String| {
        ["P1", "P2", "P3", "P4"].contains(&key.as_str()) || named.contains(&key.as_str())
    };
    if let Some(key) = routes.receivers.keys().find(|key| !known(key)) {
        return Err(Failure::new(format!(
            "the routes have a receiver `{key}`, which is no severity and whom no alert names"
        )));
    }
    let mut receivers = Vec::new();
    let mut paths = Vec::new();
    for who in named {
        let name = format!("notify {who}");
        let posted = json!({"slack_configs": slack(&channel(who))});
        receivers.push(routes.receiver(&name, who, posted));
        // One of the names in the label.
        let pattern = format!("(.*,)?{}(,.*)?", literal(who));
        let matcher = format!("notify=~{}", string(&pattern));
        paths.push(json!({"receiver": name, "matchers": [matcher], "continue": true}));
    }
    for (severity, name, usual) in severities(routes) {
        let matcher = format!("severity={}", string(severity));
        let mut path = json!({"receiver": name, "matchers": [matcher]});
        if severity == "P1" {
            path["group_wait"] = "10s".into();
            path["repeat_interval"] = "1h".into();
        }
        paths.push(path);
        receivers.push(routes.receiver(name, severity, usual));
    }
    Ok(json!({
        "global": global(routes),
        "route": {
            "receiver": NOBODY,
            "group_by": ["alertname", "service"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
            "routes": paths,
        },
        // What is critical explains the rest: one page instead of ten messages.
        "inhibit_rules": [{
            "source_matchers": ["severity=\"P1\"", "team!=\"\""],
            "target_matchers": ["severity=~\"P2|P3|P4\""],
            "equal": ["service", "team"],
        }],
        "receivers": receivers,
    }))
}

/// Severities, with the name of their receiver and what it is unless the routes say otherwise.
fn severities(routes: &Routes) -> [(&'static str, &'static str, Value); 4] {
    let posted = |severity| slack(usual(severity));
    let page = json!([{
        "routing_key_file": routes.secret("pagerduty_routing_key"), "severity": "critical", "description": TITLE,
    }]);
    let mail = routes.mail.as_deref().unwrap_or("root@localhost");
    let mail = json!([{"to": mail, "send_resolved": true}]);
    let paged = json!({"pagerduty_configs": page, "slack_configs": posted(Severity::P1)});
    let mailed = json!({"slack_configs": posted(Severity::P2), "email_configs": mail});
    let chat = json!({"slack_configs": posted(Severity::P3)});
    [
        ("P1", "page", paged),
        ("P2", "chat and mail", mailed),
        ("P3", "chat", chat),
        ("P4", NOBODY, json!({})),
    ]
}

fn global(routes: &Routes) -> Value {
    let mut global = json!({
        "slack_api_url_file": routes.secret("slack_api_url"),
        "smtp_smarthost": routes.smtp.smarthost,
        "smtp_from": routes.smtp.from,
    });
    if let Some(username) = &routes.smtp.username {
        global["smtp_auth_username"] = username.as_str().into();
        global["smtp_auth_password_file"] = routes.secret("smtp_password").into();
    }
    // A local relay speaks no TLS.
    if routes.smtp.smarthost.starts_with("localhost:") || routes.smtp.smarthost.starts_with("127.")
    {
        global["smtp_require_tls"] = false.into();
    }
    global
}
