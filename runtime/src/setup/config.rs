//! Reads the settings that all backends share. Settings in code override environment variables, which override the
//! defaults.

use crate::base::builder::Builder;
use crate::base::settings::{self, ConfigErrors, Identity, is_rate};
use crate::collect::filter::{Filter, SharedFilter};
use crate::collect::trace::sampling::{Rule, Sampling};
use crate::model::log_format::LogFormat;
use crate::pipeline::Config;
use std::io::IsTerminal;

/// Reads the settings. Adds an error for each invalid value; the returned settings are only valid if there are none.
pub(super) fn read(builder: &Builder, errors: &mut ConfigErrors) -> Config {
    let format = builder.format.or_else(|| format(errors));
    let format = format.unwrap_or(LogFormat::Pretty);
    let pretty = format == LogFormat::Pretty;
    let tree = builder.tree;
    let tree = tree.or_else(|| settings::switch(&["TRACE_TREE"], errors));
    let summary = builder.summary;
    let summary = summary.or_else(|| settings::switch(&["SUMMARY"], errors));
    Config {
        identity: identity(builder),
        filter: SharedFilter::new(filter(builder.filter.as_deref(), errors)),
        datadog_ids: datadog_ids(errors),
        format,
        color: std::io::stdout().is_terminal() && settings::text(&["NO_COLOR"]).is_none(),
        sampling: sampling(builder, errors),
        tree: tree.unwrap_or(pretty),
        summary: summary.unwrap_or(pretty),
    }
}

/// Reads the identity of the service, which every backend reports.
fn identity(builder: &Builder) -> Identity {
    let mut attributes = Vec::new();
    for variable in ["OTEL_RESOURCE_ATTRIBUTES", "DD_TAGS"] {
        if let Some(text) = settings::text(&[variable]) {
            attributes.extend(settings::pairs(&text));
        }
    }
    attributes.extend(builder.attributes.iter().cloned());
    let mut take = |key: &str| {
        let at = attributes.iter().rposition(|(name, _)| name == key)?;
        Some(attributes.remove(at).1)
    };
    let (service, version) = (take("service.name"), take("service.version"));
    let environment = take("deployment.environment.name").or_else(|| take("env"));
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
        service: service.unwrap_or_else(executable_name),
        environment: environment.unwrap_or_else(|| "production".into()),
        version,
        attributes,
        host: host(),
    }
}

/// Returns the executable's name. OpenTelemetry's resource conventions name the fallback `unknown_service`.
fn executable_name() -> String {
    let path = std::env::current_exe().ok();
    let name = path.and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned()));
    name.unwrap_or_else(|| "unknown_service".into())
}

/// Returns the host name from `DD_HOSTNAME`, `HOSTNAME` or the kernel; empty if none of them has it.
fn host() -> String {
    let set = settings::text(&["DD_HOSTNAME", "HOSTNAME"]);
    let kernel = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    set.or_else(kernel)
        .map_or_else(String::new, |name| name.trim().to_owned())
}

fn format(errors: &mut ConfigErrors) -> Option<LogFormat> {
    let names = &["LOG_FORMAT"];
    settings::parsed(names, "`pretty` or `json`", errors, |value| match value {
        "pretty" => Some(LogFormat::Pretty),
        "json" => Some(LogFormat::Json),
        _ => None,
    })
}

/// Returns `DD_LOGS_INJECTION`. If it is unset, returns whether an Agent is configured.
fn datadog_ids(errors: &mut ConfigErrors) -> bool {
    let agent = ["DD_AGENT_HOST", "DATADOG_AGENT_HOST", "DD_TRACE_AGENT_URL"];
    let has_agent = settings::variable(&agent).is_some();
    settings::switch(&["DD_LOGS_INJECTION"], errors).unwrap_or(has_agent)
}

/// The expected form of a filter, for error messages.
pub(super) const FILTER: &str =
    "a level (error, warn, info, debug, trace, off) or a list such as `info,sqlx=warn`";

fn filter(given: Option<&str>, errors: &mut ConfigErrors) -> Filter {
    let parsed = match given {
        Some(given) => {
            let parsed = Filter::parse(given);
            if parsed.is_none() {
                errors.value("log_filter", given, FILTER);
            }
            parsed
        }
        None => settings::parsed(&["RUST_LOG", "LOG_LEVEL"], FILTER, errors, Filter::parse),
    };
    parsed.unwrap_or_default()
}

const RATES: &[&str] = &[
    "DD_TRACE_SAMPLE_RATE",
    "SENTRY_TRACES_SAMPLE_RATE",
    "OTEL_TRACES_SAMPLER_ARG",
];
const RULES: &str = "a list such as `GET /health=0, ContractService::*=0.5`";

fn sampling(builder: &Builder, errors: &mut ConfigErrors) -> Sampling {
    let rate = match builder.sample_rate {
        Some(rate) => {
            if !is_rate(&rate) {
                errors.value("sample_rate", rate.to_string(), settings::RATE);
            }
            Some(rate)
        }
        None => settings::rate(RATES, errors),
    };
    let mut rules = Vec::new();
    for (name, rate) in &builder.sample_rules {
        if !is_rate(rate) {
            errors.value("sample", format!("{name}={rate}"), settings::RATE);
        }
        rules.push(Rule {
            name: name.clone(),
            rate: *rate,
        });
    }
    let variable = &["TRACE_SAMPLE_RULES"];
    rules.extend(settings::parsed(variable, RULES, errors, Rule::parse_list).unwrap_or_default());
    let keep = builder.keep_notable;
    let keep = keep.or_else(|| settings::switch(&["TRACE_KEEP_NOTABLE"], errors));
    Sampling {
        is_given: rate.is_some(),
        rate: rate.unwrap_or(1.0),
        rules,
        keep_notable: keep.unwrap_or(true),
    }
}
