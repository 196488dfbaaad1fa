//! The precedence of settings: code, then `DD_*`, then `OTEL_*`.

use crate::backend::datadog::DatadogConfig;
use crate::base::builder::Builder;
use crate::base::settings::ConfigErrors;
use crate::pipeline::{Backend, Environment};
use crate::setup::config;
use std::process::Command;

const CASE: &str = "INSTRUMENTAL_TEST_PRECEDENCE";
const NAME: &str = "setup::features::precedence_tests::d08_code_goes_before_dd_and_dd_before_otel";
const RATE: &str = "DD_TRACE_SAMPLE_RATE";

/// The environment; whether the program sets values in code; the expected service, environment, version and rate; the
/// expected addresses.
type Row = (
    &'static [(&'static str, &'static str)],
    bool,
    &'static str,
    &'static str,
);

const TABLE: &[Row] = &[
    (
        &[("DD_SERVICE", "dd"), ("OTEL_SERVICE_NAME", "otel")],
        false,
        "dd production None 1",
        "None",
    ),
    (
        &[("DD_SERVICE", ""), ("OTEL_SERVICE_NAME", "otel")],
        false,
        "otel production None 1",
        "None",
    ),
    (
        &[
            ("DD_SERVICE", "dd"),
            ("DD_ENV", "e"),
            ("DD_VERSION", "2"),
            (RATE, "0.5"),
        ],
        true,
        "code code Some(\"code\") 0.25",
        "None",
    ),
    (
        &[
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "service.name=res,service.version=1,deployment.environment.name=x",
            ),
            ("DD_ENV", "e"),
            (RATE, ""),
            ("OTEL_TRACES_SAMPLER_ARG", "0.125"),
        ],
        false,
        "res e Some(\"1\") 0.125",
        "None",
    ),
    (
        &[
            ("DD_SERVICE", "s"),
            ("DD_AGENT_HOST", ""),
            ("DATADOG_AGENT_HOST", "alias"),
            ("DD_TRACE_AGENT_PORT", "99"),
        ],
        false,
        "s production None 1",
        "http://alias:99 Udp(\"alias\", 8125)",
    ),
    (
        &[
            ("DD_SERVICE", "s"),
            ("DD_AGENT_HOST", "host"),
            ("DD_TRACE_AGENT_URL", "http://url:1"),
            ("DD_DOGSTATSD_HOST", "metrics"),
            ("DD_DOGSTATSD_PORT", ""),
        ],
        false,
        "s production None 1",
        "http://url:1 Udp(\"metrics\", 8125)",
    ),
    (
        &[
            ("DD_SERVICE", "s"),
            ("DD_AGENT_HOST", "host"),
            ("DD_DOGSTATSD_URL", "unix:///s"),
            ("DD_TRACE_ENABLED", "0"),
        ],
        false,
        "s production None 1",
        "Unix(SocketPath(\"/s\"))",
    ),
];

/// Returns the settings that apply, as a line.
fn settings_line(in_code: bool) -> String {
    let mut builder = Builder::default();
    if in_code {
        builder = builder.service("code").environment("code").version("code");
        builder = builder.sample_rate(0.25);
    }
    let mut errors = ConfigErrors::default();
    let config = config::read(&builder, &mut errors);
    let environment = Environment {
        given: &builder.given,
        config: &config,
    };
    let datadog = DatadogConfig::configure(environment, &mut errors);
    let identity = config.identity;
    format!(
        "settings: {} {} {:?} {} {} {}\n",
        identity.service,
        identity.environment,
        identity.version,
        config.sampling.rate,
        datadog.map_or_else(|| "None".to_owned(), |datadog| datadog.addresses()),
        errors.0.len()
    )
}

#[test]
fn d08_code_goes_before_dd_and_dd_before_otel() {
    // The environment belongs to the process, so each row runs in a process of its own.
    if let Ok(case) = std::env::var(CASE) {
        return print!("\n{}", settings_line(case == "code"));
    }
    let program = std::env::current_exe().expect("this program");
    for (environment, in_code, expected, addresses) in TABLE {
        let mut command = Command::new(&program);
        command.args(["--exact", NAME, "--nocapture"]);
        command.env_clear().envs(environment.iter().copied());
        command.env(CASE, if *in_code { "code" } else { "" });
        let output = command.output().expect("it starts");
        let text = String::from_utf8_lossy(&output.stdout);
        let expected = format!("\nsettings: {expected} {addresses} 0\n");
        assert!(text.contains(&expected), "{environment:?}: {text}");
    }
}
