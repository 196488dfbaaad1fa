//! The format has one declaration and two directions: what the runtime writes without serde, `cargo instrumental` reads with
//! it, and the other way round.

use instrumental_manifest::{
    Alert, Backend, Comparison, Condition, Config, Endpoint, Event, Function, Label, Manifest,
    MatchOperator, Matcher, Metric, MetricKind, Objective, Origin, Place, Query, SampleRule,
    Selection, Service, Severity, VERSION, Variable,
};
use serde_json::Value;

/// A manifest in which every field has a value and every enum appears with all of its variants.
fn full() -> Manifest {
    Manifest {
        manifest: VERSION,
        instrumental: "0.1.0".into(),
        service: Service {
            name: "shop \"1\"".into(),
            environment: "pro\\duction\n".into(),
            version: Some("1.2.3".into()),
        },
        functions: vec![function()],
        metrics: MetricKind::ALL
            .iter()
            .zip(Origin::ALL)
            .map(|(kind, origin)| metric(*kind, *origin))
            .collect(),
        events: vec![Event {
            name: "payment.released".into(),
            help: "A payment\u{1b}[31m.\u{202e}".into(),
            fields: texts(&["order", "müller"]),
            measures: texts(&["payment.released.amount"]),
            owner: "payments".into(),
            place: place(3),
        }],
        alerts: alerts(),
        config: config(),
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn place(line: u32) -> Place {
    Place {
        file: "src/pay.rs".into(),
        line,
        module: "shop::pay".into(),
    }
}

fn function() -> Function {
    Function {
        name: "Payments::release".into(),
        place: place(1),
        owner: "payments".into(),
        fields: texts(&["order"]),
        kind: "server".into(),
        traced: true,
        captures: true,
        in_flight: true,
        slow: Some(0.25),
        objective: Some(Objective {
            success_percent: 99.9,
            latency: 0.5,
            latency_percent: 99.0,
        }),
    }
}

fn metric(kind: MetricKind, origin: Origin) -> Metric {
    Metric {
        name: "bids.submitted".into(),
        kind,
        unit: "{USD}".into(),
        help: "Bids.".into(),
        labels: vec![Label {
            name: "trade.kind".into(),
            prometheus: "trade_kind".into(),
            values: texts(&["roof", "floor"]),
            limit: u64::MAX,
        }],
        owner: "bids".into(),
        budget: 2000,
        place: place(2),
        origin,
        prometheus: "bids_submitted_total".into(),
        datadog: "bids.submitted".into(),
    }
}

fn selection() -> Selection {
    let matchers = MatchOperator::ALL.iter().map(|is| Matcher {
        label: "http.response.status_code".into(),
        is: *is,
        values: texts(&["5"]),
    });
    Selection {
        metric: "http.server.request.duration".into(),
        matchers: matchers.collect(),
    }
}

/// One alert for each kind of query, which go through all severities and comparisons.
fn alerts() -> Vec<Alert> {
    let one = selection;
    let queries = [
        Query::Rate { of: vec![one()] },
        Query::Increase {
            of: vec![one(), one()],
        },
        Query::Share {
            part: vec![one()],
            whole: vec![one()],
        },
        Query::Quantile { q: 0.95, of: one() },
        Query::Average { of: one() },
        Query::Total { of: vec![one()] },
        Query::Level { of: one() },
        Query::Fraction {
            part: one(),
            whole: one(),
        },
    ];
    let severities = Severity::ALL.iter().cycle();
    let comparisons = Comparison::ALL.iter().cycle();
    let all = queries.into_iter().zip(severities.zip(comparisons));
    all.map(|(query, (severity, compare))| Alert {
        name: "payment_system_down".into(),
        severity: *severity,
        summary: "Payments fail.".into(),
        impact: "No money.".into(),
        owner: "payments".into(),
        runbook: "docs/runbooks.md#payments".into(),
        notify: texts(&["#alerts"]),
        place: place(4),
        condition: Condition {
            query,
            window: 300.0,
            compare: *compare,
            threshold: 0.1,
            unit: "1".into(),
            lasting: 90.5,
            past: Some(604_800.0),
        },
        unresolved: texts(&["`calls(x)`: no such function"]),
    })
    .collect()
}

fn config() -> Config {
    Config {
        faults: texts(&["SENTRY_DSN is not a URL"]),
        features: texts(&["otlp"]),
        log_filter: "info,sqlx=warn".into(),
        sample_rate: 0.1,
        sample_rules: vec![SampleRule {
            name: "GET /health".into(),
            rate: 0.001,
        }],
        keep_notable: true,
        backends: vec![Backend {
            name: "sentry".into(),
            endpoints: vec![Endpoint {
                signal: "errors".into(),
                address: "https://sentry.example".into(),
            }],
            error_sample_rate: Some(0.5),
        }],
        environment: vec![Variable {
            name: "SENTRY_DSN".into(),
            value: "…".into(),
        }],
        asked: texts(&["SENTRY_DSN", "OTEL_SERVICE_NAME"]),
    }
}

/// The same manifest with everything that may be left out left out.
fn sparse() -> Manifest {
    let mut manifest = full();
    manifest.service.version = None;
    for function in &mut manifest.functions {
        (function.slow, function.objective) = (None, None);
    }
    for alert in &mut manifest.alerts {
        alert.condition.past = None;
        alert.notify.clear();
    }
    for backend in &mut manifest.config.backends {
        backend.error_sample_rate = None;
    }
    manifest
}

fn read(text: &str) -> Manifest {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn serde_reads_what_to_json_writes() {
    for manifest in [full(), sparse()] {
        assert_eq!(read(&manifest.to_json()), manifest);
    }
}

#[test]
fn serde_writes_what_to_json_writes() {
    for manifest in [full(), sparse()] {
        let written: Value = serde_json::from_str(&manifest.to_json()).expect("JSON");
        let serialized = serde_json::to_value(&manifest).expect("JSON");
        assert_eq!(with_float_numbers(serialized), with_float_numbers(written));
        let text = serde_json::to_string_pretty(&manifest).expect("JSON");
        assert_eq!(read(&text), manifest);
    }
}

/// `300` and `300.0` are one number in JSON, but not in `serde_json`.
fn with_float_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(items) => items.into_iter().map(with_float_numbers).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            members
                .map(|(key, value)| (key, with_float_numbers(value)))
                .collect()
        }
        other => other,
    }
}

/// The other tests prove something only for fields that have a value.
#[test]
fn the_sample_leaves_no_field_empty() {
    fn check(path: &str, value: &Value) {
        match value {
            Value::Null => panic!("{path} is null"),
            Value::Bool(value) => assert!(value, "{path} is false"),
            Value::Number(number) => assert_ne!(number.as_f64(), Some(0.0), "{path}"),
            Value::String(text) => assert!(!text.is_empty(), "{path} is empty"),
            Value::Array(items) => {
                assert!(!items.is_empty(), "{path} is empty");
                for item in items {
                    check(path, item);
                }
            }
            Value::Object(members) => {
                for (key, value) in members {
                    check(&format!("{path}.{key}"), value);
                }
            }
        }
    }
    check("manifest", &serde_json::to_value(full()).expect("JSON"));
}

#[test]
fn members_that_were_added_later_may_be_missing() {
    let mut value = serde_json::to_value(full()).expect("JSON");
    let config = value["config"].as_object_mut().expect("an object");
    config.remove("asked");
    let query = &mut value["alerts"][0]["condition"]["query"];
    query["of"][0]
        .as_object_mut()
        .expect("an object")
        .remove("where");
    let manifest: Manifest = serde_json::from_value(value).expect("a manifest");
    assert!(manifest.config.asked.is_empty());
    let Query::Rate { of } = &manifest.alerts[0].condition.query else {
        panic!("the first query is a rate");
    };
    assert!(of[0].matchers.is_empty());
}
