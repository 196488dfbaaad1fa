//! Checks of the settings, which need no socket.

use super::finding::Checks;
use super::secret::{is_secret_name, is_secret_value};
use crate::edit_distance::edit_distance;
use instrumental_manifest::{Backend, Config, Manifest};

/// Checks the settings. `environment` returns variables of this process if the program inherits them.
pub(super) fn check(
    manifest: &Manifest,
    environment: impl Fn(&str) -> Option<String>,
    checks: &mut Checks,
) {
    let config = &manifest.config;
    let value = |name: &str| {
        let mut recorded = config.environment.iter();
        let recorded = recorded.find(|variable| variable.name == name);
        let recorded = recorded.map(|variable| variable.value.clone());
        environment(name)
            .or(recorded)
            .filter(|value| !value.trim().is_empty())
    };
    faults(config, checks);
    spelling(config, checks);
    features(config, &value, checks);
    backends(config, checks);
    sampling(manifest, checks);
    log_filter(config, checks);
    ssl_verify(&value, checks);
    secrets(manifest, &value, checks);
}

/// The start of the error of `init()` about a folder, which has a check of its own.
const FOLDER_FAULT: &str = "log files cannot be written";

fn faults(config: &Config, checks: &mut Checks) {
    let others = config
        .faults
        .iter()
        .filter(|fault| !fault.starts_with(FOLDER_FAULT));
    let before = checks.all().len();
    for fault in others {
        let remedy = match fault.starts_with("SENTRY_DSN") {
            true => {
                "copy the DSN from the project's settings in Sentry (Client Keys): `https://<key>@<host>/<project>`, \
                 without quotes and spaces"
            }
            false => "`init()` fails with this setting; correct it",
        };
        checks.fail("settings", fault, remedy);
    }
    if checks.all().len() == before {
        checks.ok("settings", "`init()` accepts all settings");
    }
}

/// Reports that the program cannot write to a folder that is writable for this process.
pub(super) fn check_folder_faults(config: &Config, checks: &mut Checks) {
    if checks.is_unreachable("files") {
        return;
    }
    let faults = config
        .faults
        .iter()
        .filter(|fault| fault.starts_with(FOLDER_FAULT));
    for fault in faults {
        checks.fail(
            "logs.folder",
            fault,
            "give the program's user permission to write there, or set LOG_DIR to another folder",
        );
    }
}

/// The minimum length of a name that may be a misspelling; shorter ones are other names.
const MIN_LENGTH: usize = 6;
/// The maximum edit distance of a misspelling, which covers two swapped characters.
const MAX_DISTANCE: usize = 2;

/// Reports variables that nothing reads and that are similar to one that the program reads.
fn spelling(config: &Config, checks: &mut Checks) {
    let is_asked = |name: &str| config.asked.iter().any(|asked| asked == name);
    let is_known = |name: &str| FEATURES.iter().any(|(known, _)| *known == name);
    for variable in &config.environment {
        let name = variable.name.as_str();
        if name.len() < MIN_LENGTH || is_asked(name) || is_known(name) {
            continue;
        }
        let near = config
            .asked
            .iter()
            .map(|asked| (edit_distance(asked, name), asked));
        let Some((distance, meant)) = near.min() else {
            continue;
        };
        if distance <= MAX_DISTANCE {
            checks.warn(
                "spelling",
                format!("{name} is set, but the program does not read it"),
                format!("did you mean {meant}?"),
            );
        }
    }
}

/// Variables that require a feature.
const FEATURES: [(&str, &str); 19] = [
    ("SENTRY_DSN", "sentry"),
    ("DD_AGENT_HOST", "datadog"),
    ("DATADOG_AGENT_HOST", "datadog"),
    ("DD_TRACE_AGENT_URL", "datadog"),
    ("DD_DOGSTATSD_URL", "datadog"),
    ("DD_DOGSTATSD_HOST", "datadog"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "otlp"),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "otlp"),
    ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "otlp"),
    ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "otlp"),
    ("PROMETHEUS_PORT", "prometheus"),
    ("OTEL_EXPORTER_PROMETHEUS_PORT", "prometheus"),
    ("OTEL_EXPORTER_PROMETHEUS_HOST", "prometheus"),
    ("LOG_DIR", "logs"),
    ("LOG_TCP", "logs"),
    ("LOG_FORMAT", "logs"),
    ("INSTRUMENTAL_LIVE", "live"),
    ("DATADOG_PROFILING_ENABLED", "profiling"),
    ("DD_PROFILING_ENABLED", "profiling"),
];

fn features(config: &Config, value: &impl Fn(&str) -> Option<String>, checks: &mut Checks) {
    let lacks = |feature: &str| !config.features.iter().any(|has| has == feature);
    let is_on = |value: &str| {
        !matches!(
            value.to_ascii_lowercase().as_str(),
            "false" | "0" | "off" | "no"
        )
    };
    let mut missing: Vec<(&str, &str)> = Vec::new();
    for (variable, feature) in FEATURES {
        if lacks(feature) && value(variable).is_some_and(|value| is_on(&value)) {
            missing.push((variable, feature));
        }
    }
    if lacks("grpc") && value("OTEL_EXPORTER_OTLP_PROTOCOL").is_some_and(|value| value == "grpc") {
        missing.push(("OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "grpc"));
    }
    for (variable, feature) in &missing {
        checks.fail(
            "features",
            format!("{variable} is set, but the program was built without the feature `{feature}`"),
            format!(
                "add the feature to Cargo.toml: `instrumental = {{ features = [\"{feature}\"] }}`"
            ),
        );
    }
    if missing.is_empty() {
        let built = if config.features.is_empty() {
            "none".to_owned()
        } else {
            config.features.join(", ")
        };
        checks.ok(
            "features",
            format!("built with: {built}; no variable requires another"),
        );
    }
}

fn backends(config: &Config, checks: &mut Checks) {
    // The console and the live view do not leave the machine.
    let is_remote = |backend: &&Backend| {
        let ships = backend
            .endpoints
            .iter()
            .any(|endpoint| endpoint.address != "stdout");
        backend.name != "live" && ships
    };
    let on: Vec<_> = config
        .backends
        .iter()
        .filter(is_remote)
        .map(|backend| backend.name.as_str())
        .collect();
    if !on.is_empty() {
        return checks.ok("backends", format!("on: {}", on.join(", ")));
    }
    if !config.faults.is_empty() {
        return checks.skip("backends", "the settings are invalid; see `settings`");
    }
    checks.fail(
        "backends",
        "none is on except the console and the live view, so no data leaves the program",
        "set SENTRY_DSN, DD_AGENT_HOST, OTEL_EXPORTER_OTLP_ENDPOINT, PROMETHEUS_PORT or LOG_DIR, and build with the \
         feature of that name",
    );
}

fn sampling(manifest: &Manifest, checks: &mut Checks) {
    let config = &manifest.config;
    let kept = if config.keep_notable {
        "; those that fail or are slow are kept in any case"
    } else {
        ""
    };
    let rate = config.sample_rate;
    if rate <= 0.0 {
        checks.fail(
            "sample_rate",
            format!("the rate is 0: no trace is recorded{kept}"),
            "set DD_TRACE_SAMPLE_RATE, SENTRY_TRACES_SAMPLE_RATE or OTEL_TRACES_SAMPLER_ARG (or `.sample_rate(..)`) \
             to more than 0, such as 0.1",
        );
    } else {
        let percent = (rate * 1e5).round() / 1e3;
        checks.ok(
            "sample_rate",
            format!("{rate}: {percent}% of the traces are recorded{kept}"),
        );
    }
    rules(manifest, kept, checks);
    error_rate(config, checks);
}

fn rules(manifest: &Manifest, kept: &str, checks: &mut Checks) {
    let config = &manifest.config;
    let zero = config.sample_rules.iter().filter(|rule| rule.rate <= 0.0);
    let (wide, narrow): (Vec<_>, Vec<_>) = zero.partition(|rule| is_wide(&rule.name, manifest));
    for rule in &wide {
        checks.warn(
            "sample_rules",
            format!(
                "`{}=0`: traces that start with it are not recorded{kept}",
                rule.name
            ),
            "narrow the rule (TRACE_SAMPLE_RULES or `.sample(..)`), or give it a rate",
        );
    }
    if wide.is_empty() {
        let narrow: Vec<_> = narrow
            .iter()
            .map(|rule| format!("`{}`", rule.name))
            .collect();
        let of = match narrow.is_empty() {
            true => "no rule is 0".to_owned(),
            false => format!("0 for single routes only: {}", narrow.join(", ")),
        };
        checks.ok("sample_rules", of);
    }
}

fn error_rate(config: &Config, checks: &mut Checks) {
    let rates = config
        .backends
        .iter()
        .filter_map(|backend| Some((backend, backend.error_sample_rate?)));
    for (backend, rate) in rates {
        if rate <= 0.0 {
            checks.fail(
                "error_sample_rate",
                format!("the rate is 0: {} is sent no error", backend.name),
                "set SENTRY_SAMPLE_RATE (or `.error_sample_rate(..)`) to more than 0; 1 sends every error",
            );
        } else {
            checks.ok("error_sample_rate", format!("{rate} of {}", backend.name));
        }
    }
}

/// Whether a rule applies to more than single routes: to everything, all routes of a method, or an annotated function.
fn is_wide(pattern: &str, manifest: &Manifest) -> bool {
    let route = pattern.rsplit(' ').next().unwrap_or_default();
    let all = route.chars().all(|c| matches!(c, '*' | '/' | '?')) && route.contains('*');
    all || manifest
        .functions
        .iter()
        .any(|function| matches(pattern, &function.name))
}

/// Whether a text matches a pattern with `*` and `?`, by the rules of the program.
fn matches(pattern: &str, text: &str) -> bool {
    let Some(first) = pattern.chars().next() else {
        return text.is_empty();
    };
    let rest = &pattern[first.len_utf8()..];
    if first == '*' {
        let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        return ends.any(|at| matches(rest, &text[at..]));
    }
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| (first == '?' || first == c) && matches(rest, chars.as_str()))
}

fn log_filter(config: &Config, checks: &mut Checks) {
    let filter = config.log_filter.trim();
    let lower = filter.to_ascii_lowercase();
    let directives = lower.split(',').map(str::trim);
    // A list without a default level accepts no other targets.
    let default = directives
        .clone()
        .rev()
        .find(|directive| !directive.contains('='));
    let accepts_some = directives
        .filter_map(|directive| directive.rsplit_once('='))
        .any(|(_, level)| level != "off");
    match default {
        Some("off") | None if !accepts_some => checks.fail(
            "log_filter",
            format!("`{filter}`: no log line is accepted, not even errors"),
            "set RUST_LOG or LOG_LEVEL (or `.log_filter(..)`) to `info`",
        ),
        Some("off") => checks.warn(
            "log_filter",
            format!("`{filter}`: no lines of other targets are accepted, not even errors"),
            "put `error,` or `info,` before the list",
        ),
        _ => checks.ok("log_filter", format!("`{filter}`")),
    }
}

fn ssl_verify(value: &impl Fn(&str) -> Option<String>, checks: &mut Checks) {
    match value("SSL_VERIFY") {
        Some(set) if set.eq_ignore_ascii_case("false") || set == "0" => checks.warn(
            "ssl_verify",
            "SSL_VERIFY disables the verification of certificates in Sentry's own SDK and others; this library always \
             verifies them",
            "unset it, as others in the network could read what a Sentry client sends",
        ),
        _ => checks.ok("ssl_verify", "certificates are verified"),
    }
}

/// Variables whose pairs are sent to every backend.
const TAGS: [&str; 2] = ["DD_TAGS", "OTEL_RESOURCE_ATTRIBUTES"];

fn secrets(manifest: &Manifest, value: &impl Fn(&str) -> Option<String>, checks: &mut Checks) {
    let mut found = Vec::new();
    for variable in TAGS {
        let Some(text) = value(variable) else {
            continue;
        };
        let pairs = text.split([',', ' ']).map(str::trim);
        for (key, value) in pairs.filter_map(|pair| pair.split_once(['=', ':'])) {
            if is_secret_name(key) || is_secret_value(value) {
                found.push(format!("`{key}` of {variable}"));
            }
        }
    }
    for metric in &manifest.metrics {
        let labels = metric
            .labels
            .iter()
            .filter(|label| is_secret_name(&label.name));
        found.extend(labels.map(|label| format!("label `{}` of `{}`", label.name, metric.name)));
    }
    for function in &manifest.functions {
        let fields = function.fields.iter().filter(|field| is_secret_name(field));
        found.extend(fields.map(|field| format!("field `{field}` of `{}`", function.name)));
    }
    if found.is_empty() {
        return checks.ok(
            "secrets",
            "no tag, attribute, label or field has the name of a secret",
        );
    }
    checks.warn(
        "secrets",
        format!(
            "what looks like a secret is sent to every backend: {}",
            found.join(", ")
        ),
        "remove it and replace the secret, as backends store what they received",
    );
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_the_program() {
        for (pattern, text, expected) in [
            ("ContractService::*", "ContractService::release", true),
            ("*::release", "ContractService::release", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("", "x", false),
            ("*", "", true),
            ("ü*", "über", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
