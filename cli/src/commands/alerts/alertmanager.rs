//! Alertmanager's configuration.

use crate::error::Error;
use crate::query::promql::{literal, string};
use crate::routes::{Routes, channel, default_channel};
use crate::rules::Rule;
use instrumental_manifest::Severity;
use serde_json::{Value, json};

/// The receiver of P4, which sends nothing.
const DASHBOARD_ONLY: &str = "dashboard";
const TITLE: &str = "[{{ .CommonLabels.severity }}] {{ .CommonLabels.alertname }}: {{ .CommonAnnotations.summary }}";
const TEXT: &str = "{{ range .Alerts }}{{ .Status }}: {{ .Annotations.description }} {{ .Annotations.impact }}\n\
                    {{ with .Annotations.runbook_url }}Runbook: {{ . }}\n{{ end }}\
                    {{ with .Annotations.dashboard_url }}Dashboard: {{ . }}\n{{ end }}\
                    Source: {{ .Annotations.source }}\n{{ end }}";

/// Returns the configuration that routes the rules' alerts.
pub(super) fn config(routes: &Routes, rules: &[Rule]) -> Result<Value, Error> {
    let recipients = recipients(rules);
    check_receivers(routes, &recipients)?;
    let (mut receivers, mut paths) = (Vec::new(), Vec::new());
    for recipient in recipients {
        let name = format!("notify {recipient}");
        let default = json!({"slack_configs": slack(&channel(recipient))});
        receivers.push(routes.receiver(&name, recipient, &default));
        // The label holds all names, separated by commas.
        let pattern = format!("(.*,)?{}(,.*)?", literal(recipient));
        let matcher = format!("notify=~{}", string(&pattern));
        paths.push(json!({"receiver": name, "matchers": [matcher], "continue": true}));
    }
    for (severity, name, default) in severities(routes) {
        let matcher = format!("severity={}", string(severity));
        let mut path = json!({"receiver": name, "matchers": [matcher]});
        if severity == "P1" {
            path["group_wait"] = "10s".into();
            path["repeat_interval"] = "1h".into();
        }
        paths.push(path);
        receivers.push(routes.receiver(name, severity, &default));
    }
    Ok(json!({
        "global": global(routes),
        "route": {
            "receiver": DASHBOARD_ONLY,
            "group_by": ["alertname", "service"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
            "routes": paths,
        },
        // A critical alert explains the others: one page instead of ten messages.
        "inhibit_rules": [{
            "source_matchers": ["severity=\"P1\"", "team!=\"\""],
            "target_matchers": ["severity=~\"P2|P3|P4\""],
            "equal": ["service", "team"],
        }],
        "receivers": receivers,
    }))
}

/// Returns the teams and channels that any rule names, once each.
fn recipients(rules: &[Rule]) -> Vec<&str> {
    let all = rules.iter().flat_map(|rule| &rule.notify);
    let mut all: Vec<&str> = all.map(String::as_str).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A receiver that no alert can reach is most likely a typo.
fn check_receivers(routes: &Routes, recipients: &[&str]) -> Result<(), Error> {
    let is_used = |key: &str| {
        let mut severities = Severity::ALL.iter().map(|severity| severity.as_str());
        severities.any(|severity| severity == key) || recipients.contains(&key)
    };
    match routes.receivers.keys().find(|key| !is_used(key)) {
        Some(key) => Err(Error::new(format!(
            "the routes have a receiver `{key}`, which is neither a severity nor named by an alert"
        ))),
        None => Ok(()),
    }
}

fn slack(channel: &str) -> Value {
    json!([{"channel": channel, "send_resolved": true, "title": TITLE, "text": TEXT}])
}

/// Returns the severities with the name and default of their receiver.
fn severities(routes: &Routes) -> [(&'static str, &'static str, Value); 4] {
    let post = |severity| slack(default_channel(severity));
    let page = json!([{
        "routing_key_file": routes.secret("pagerduty_routing_key"), "severity": "critical", "description": TITLE,
    }]);
    let to = routes.mail.as_deref().unwrap_or("root@localhost");
    let mail = json!([{"to": to, "send_resolved": true}]);
    let page_and_chat = json!({"pagerduty_configs": page, "slack_configs": post(Severity::P1)});
    let chat_and_mail = json!({"slack_configs": post(Severity::P2), "email_configs": mail});
    let chat = json!({"slack_configs": post(Severity::P3)});
    [
        ("P1", "page", page_and_chat),
        ("P2", "chat and mail", chat_and_mail),
        ("P3", "chat", chat),
        ("P4", DASHBOARD_ONLY, json!({})),
    ]
}

fn global(routes: &Routes) -> Value {
    let smtp = &routes.smtp;
    let mut global = json!({
        "slack_api_url_file": routes.secret("slack_api_url"),
        "smtp_smarthost": smtp.smarthost,
        "smtp_from": smtp.from,
    });
    if let Some(username) = &smtp.username {
        global["smtp_auth_username"] = username.as_str().into();
        global["smtp_auth_password_file"] = routes.secret("smtp_password").into();
    }
    // A local relay has no TLS.
    if smtp.smarthost.starts_with("localhost:") || smtp.smarthost.starts_with("127.") {
        global["smtp_require_tls"] = false.into();
    }
    global
}
