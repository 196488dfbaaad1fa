//! Reads the settings: the program's own, then the environment's, then the defaults.

use crate::base::builder::Builder;
use crate::base::settings::{self, ConfigErrors, Identity, is_rate};
use crate::collect::filter::{Filter, SharedFilter};
use crate::collect::trace::sampling::{Rule, Sampling};
use crate::model::log_format::LogFormat;
use crate::pipeline::Config;
use std::io::IsTerminal;

/// Settings in force. If `faults` are added, they must not be used.
pub(super) fn read(builder: &Builder, faults: &mut ConfigErrors) -> Config {
    let format = builder.format.or_else(|| format(faults));
    let format = format.unwrap_or(LogFormat::Pretty);
    let pretty = format == LogFormat::Pretty;
    let tree = builder.tree;
    let tree = tree.or_else(|| settings::switch(&["TRACE_TREE"], faults));
    let summary = builder.summary;
    let summary = summary.or_else(|| settings::switch(&["SUMMARY"], faults));
    Config {
        identity: identity(builder),
        filter: SharedFilter::new(filter(builder.filter.as_deref(), faults)),
        datadog_ids: datadog_ids(faults),
        format,
        color: std::io::stdout().is_terminal() && settings::text(&["NO_COLOR"]).is_none(),
        sampling: sampling(builder, faults),
        tree: tree.unwrap_or(pretty),
        summary: summary.unwrap_or(pretty),
    }
}

fn identity(builder: &Builder) -> Identity {
    let mut attributes = Vec::new();
    for variable in ["OTEL_RESOURCE_ATTRIBUTES", "DD_TAGS"] {
        if let Some(text) = settings::text(&[variable]) {
            attributes.extend(settings::pairs(&text));
        }
    }
    attributes.extend(builder.attributes.iter().cloned());
    let mut known = |key: &str| {
        let at = attributes.iter().rposition(|(known, _)| known == key)?;
        Some(attributes.remove(at).1)
    };
    let (service, version) = (known("service.name"), known("service.version"));
    let environment = known("deployment.environment.name").or_else(|| known("env"));
    let service = builder
        .service
        .clone()
        .or_else(|| settings::text(&["DD_SERVICE", "OTEL_SERVICE_NAME"]))
        .or(service);
    let environment = builder
        .environment
        .clone()
        .or_else(|| settings::text(&["DD_ENV", "SENTRY_ENVIRONMENT"]))
        .or(environment);
    let version = builder
        .version
        .clone()
        .or_else(|| settings::text(&["DD_VERSION", "SENTRY_RELEASE"]))
        .or(version);
    Identity {
        service: service.unwrap_or_else(program),
        environment: environment.unwrap_or_else(|| "production".into()),
        version,
        attributes,
        host: host(),
    }
}

fn program() -> String {
    let path = std::env::current_exe().ok();
    let name = path.and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned()));
    name.unwrap_or_else(|| "unknown_service".into())
}

/// The machine's name, as `DD_HOSTNAME` says or the system does.
fn host() -> String {
    let said = settings::text(&["DD_HOSTNAME", "HOSTNAME"]);
    let asked = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    said.or_else(asked)
        .map_or_else(String::new, |name| name.trim().to_owned())
}

fn format(faults: &mut ConfigErrors) -> Option<LogFormat> {
    let names = &["LOG_FORMAT"];
    settings::parsed(names, "`pretty` or `json`", faults, |value| match value {
        "pretty" => Some(LogFormat::Pretty),
        "json" => Some(LogFormat::Json),
        _ => None,
    })
}

/// `DD_LOGS_INJECTION`; unless it is set, where an Agent is.
fn datadog_ids(faults: &mut ConfigErrors) -> bool {
    let agent = ["DD_AGENT_HOST", "DATADOG_AGENT_HOST", "DD_TRACE_AGENT_URL"];
    let has_agent = settings::variable(&agent).is_some();
    settings::switch(&["DD_LOGS_INJECTION"], faults).unwrap_or(has_agent)
}

/// What is expected of a filter.
pub(super) const FILTER: &str =
    "a level (error, warn, info, debug, trace, off) or a list such as `info,sqlx=warn`";

fn filter(given: Option<&str>, faults: &mut ConfigErrors) -> Filter {
    let parsed = match given {
        Some(given) => {
            let parsed = Filter::parse(given);
            if parsed.is_none() {
                faults.value("log_filter", given, FILTER);
            }
            parsed
        }
        None => settings::parsed(&["RUST_LOG", "LOG_LEVEL"], FILTER, faults, Filter::parse),
    };
    parsed.unwrap_or_default()
}

const RATES: &[&str] = &[
    "DD_TRACE_SAMPLE_RATE",
    "SENTRY_TRACES_SAMPLE_RATE",
    "OTEL_TRACES_SAMPLER_ARG",
];
const RULES: &str = "a list such as `GET /health=0, ContractService::*=0.5`";

fn sampling(builder: &Builder, faults: &mut ConfigErrors) -> Sampling {
    let rate = match builder.sample_rate {
        Some(rate) => {
            if !is_rate(&rate) {
                faults.value("sample_rate", rate.to_string(), settings::RATE);
            }
            Some(rate)
        }
        None => settings::rate(RATES, faults),
    };
    let mut rules = Vec::new();
    for (name, rate) in &builder.sample_rules {
        if !is_rate(rate) {
            faults.value("sample", format!("{name}={rate}"), settings::RATE);
        }
        rules.push(Rule {
            name: name.clone(),
            rate: *rate,
        });
    }
    let variable = &["TRACE_SAMPLE_RULES"];
    rules.extend(settings::parsed(variable, RULES, faults, Rule::parse_list).unwrap_or_default());
    let keep = builder.keep_notable;
    let keep = keep.or_else(|| settings::switch(&["TRACE_KEEP_NOTABLE"], faults));
    Sampling {
        is_given: rate.is_some(),
        rate: rate.unwrap_or(1.0),
        rules,
        keep_notable: keep.unwrap_or(true),
    }
}
