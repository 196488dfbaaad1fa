//! Queries of the shop in both languages.

use super::{datadog, promql};
use crate::error::Error;
use crate::program::parse;
use instrumental_manifest::{Manifest, MatchOperator, Matcher, Query, Selection};

pub(crate) fn shop() -> Manifest {
    parse(include_str!("../../tests/data/shop.json"), "shop").expect("the shop is valid")
}

fn of(metric: &str) -> Selection {
    Selection {
        metric: metric.into(),
        matchers: Vec::new(),
    }
}

fn only(metric: &str, label: &str, is: MatchOperator, values: &[&str]) -> Selection {
    Selection {
        matchers: vec![Matcher {
            label: label.into(),
            is,
            values: values.iter().map(|&value| value.into()).collect(),
        }],
        ..of(metric)
    }
}

fn prometheus(query: &Query, by: &[&str]) -> Result<String, Error> {
    let shop = shop();
    let reader = promql::Reader::Prometheus { job: None };
    let scope = promql::Scope {
        by,
        ..promql::Scope::new(&shop, "5m", reader)
    };
    scope.query(query)
}

fn failure(query: &Query, by: &[&str]) -> String {
    let promql = prometheus(query, by).expect_err("refused");
    let datadog = datadog::expression(&shop(), query, 300, by).expect_err("refused");
    assert_eq!(promql.to_string(), datadog.to_string());
    datadog.to_string()
}

#[track_caller]
fn both(query: &Query, by: &[&str], promql: &str, datadog: &str) {
    assert_eq!(prometheus(query, by).expect("the shop is valid"), promql);
    assert_eq!(
        datadog::expression(&shop(), query, 300, by).expect("the shop is valid"),
        datadog
    );
}

#[test]
fn counts() {
    both(
        &Query::Rate {
            of: vec![of("auth.failures")],
        },
        &[],
        "sum(rate(auth_failures_total[5m]))",
        "sum:auth.failures{service:shop}.as_rate()",
    );
    both(
        &Query::Increase {
            of: vec![of("payments.processing")],
        },
        &[],
        "sum(increase(payments_processing_seconds_count[5m]))",
        "count:payments.processing{service:shop}.as_count().rollup(sum, 300)",
    );
    both(
        &Query::Total {
            of: vec![of("payment.released.amount")],
        },
        &["trade"],
        "sum by (trade) (increase(payment_released_amount_usd_sum[5m]))",
        "sum:payment.released.amount{service:shop} by {trade}.as_count().rollup(sum, 300)",
    );
}

#[test]
fn series_of_several_metrics_are_distinguished() {
    both(
        &Query::Increase {
            of: vec![of("payment.failed"), of("payment.released")],
        },
        &[],
        r#"sum(label_replace(increase(payment_failed_total[5m]), "instrumental_metric", "payment.failed", "", "") or label_replace(increase(payment_released_total[5m]), "instrumental_metric", "payment.released", "", ""))"#,
        "(default_zero(sum:payment.failed{service:shop}.as_count().rollup(sum, 300)) + default_zero(sum:payment.released{service:shop}.as_count().rollup(sum, 300)))",
    );
}

#[test]
fn a_ratio_is_zero_if_the_numerator_has_no_series() {
    let errors = only(
        "function.duration",
        "outcome",
        MatchOperator::NotIn,
        &["ok", "x"],
    );
    both(
        &Query::Share {
            part: vec![errors],
            whole: vec![of("function.duration")],
        },
        &["function"],
        r#"((sum by (function) (rate(function_duration_seconds_count{outcome!~"ok|x"}[5m])) or 0 * sum by (function) (rate(function_duration_seconds_count[5m]))) / sum by (function) (rate(function_duration_seconds_count[5m])) >= 0)"#,
        "(default_zero(count:function.duration{service:shop AND NOT (outcome:ok OR outcome:x)} by {function}.as_count()) / count:function.duration{service:shop} by {function}.as_count())",
    );
}

#[test]
fn values_and_levels() {
    both(
        &Query::Quantile {
            q: 0.95,
            of: only(
                "http.server.request.duration",
                "http.response.status_code",
                MatchOperator::Prefix,
                &["5", "4"],
            ),
        },
        &["http.route"],
        r#"(histogram_quantile(0.95, sum by (le, http_route) (rate(http_server_request_duration_seconds_bucket{http_response_status_code=~"5.*|4.*"}[5m]))) >= 0)"#,
        "p95:http.server.request.duration{service:shop AND (http.response.status_code:5* OR http.response.status_code:4*)} by {http.route}",
    );
    both(
        &Query::Average {
            of: of("bids.response_time"),
        },
        &[],
        "(sum(rate(bids_response_time_seconds_sum[5m])) / (sum(rate(bids_response_time_seconds_count[5m])) > 0))",
        "(sum:bids.response_time{service:shop}.as_count() / count:bids.response_time{service:shop}.as_count())",
    );
    both(
        &Query::Fraction {
            part: of("db.connections.open"),
            whole: of("db.connections.max"),
        },
        &[],
        "((sum(db_connections_open) or 0 * sum(db_connections_max)) / (sum(db_connections_max) != 0))",
        "(default_zero(sum:db.connections.open{service:shop}) / sum:db.connections.max{service:shop})",
    );
}

#[test]
fn values_are_escaped() {
    let value = "a\"} or vector(1) #\n\\ (x|y).*\u{7}";
    both(
        &Query::Rate {
            of: vec![only(
                "function.errors",
                "error",
                MatchOperator::In,
                &[value],
            )],
        },
        &[],
        "sum(rate(function_errors_total{error=\"a\\\"} or vector(1) #\\n\\\\ (x|y).*\\u0007\"}[5m]))",
        "sum:function.errors{service:shop AND error:a___or_vector_1_______x_y_.}.as_rate()",
    );
    both(
        &Query::Rate {
            of: vec![only(
                "function.errors",
                "error",
                MatchOperator::In,
                &["a.b|c", "d\"\\"],
            )],
        },
        &[],
        r#"sum(rate(function_errors_total{error=~"a\\.b\\|c|d\"\\\\"}[5m]))"#,
        "sum:function.errors{service:shop AND (error:a.b_c OR error:d)}.as_rate()",
    );
    both(
        &Query::Rate {
            of: vec![only(
                "function.errors",
                "error",
                MatchOperator::Prefix,
                &["Io(", "E_"],
            )],
        },
        &[],
        r#"sum(rate(function_errors_total{error=~"Io\\((?s:.*)|E_(?s:.*)"}[5m]))"#,
        "sum:function.errors{service:shop AND (error:io_* OR error:e_*)}.as_rate()",
    );
}

#[test]
fn unknown_metrics_and_labels_are_errors() {
    let rate = |of| Query::Rate { of: vec![of] };
    assert_eq!(
        failure(&rate(of("bids.lost")), &[]),
        "the program records no metric `bids.lost`"
    );
    assert_eq!(
        failure(
            &rate(only("auth.failures", "who", MatchOperator::In, &["x"])),
            &[]
        ),
        "metric `auth.failures` has no label `who`"
    );
    assert_eq!(
        failure(&rate(of("auth.failures")), &["route"]),
        "metric `auth.failures` has no label `route`"
    );
    assert_eq!(
        failure(&rate(of("db.connections.open")), &[]),
        "metric `db.connections.open` is a gauge, but the query requires a counter or a histogram"
    );
    assert_eq!(
        failure(
            &rate(only("function.errors", "error", MatchOperator::In, &[])),
            &[]
        ),
        "a query of metric `function.errors` lists no value of label `error`"
    );
    assert_eq!(
        failure(
            &Query::Quantile {
                q: 95.0,
                of: of("payments.processing")
            },
            &[]
        ),
        "95 is not a quantile; use a number from 0 to 1"
    );
    assert_eq!(
        failure(&Query::Rate { of: vec![] }, &[]),
        "a query has no metric"
    );
}

#[test]
fn tags_are_normalized_like_those_of_the_library() {
    for (key, value, expected) in [
        ("trade", "Roofing", "trade:roofing"),
        ("a,b", "c,d", "a_b:c_d"),
        ("1x", "ü", "x:ü"),
        ("route", "/jobs/{id}", "route:/jobs/_id"),
        ("empty", "", "empty"),
        (
            "function",
            "PaymentService::release",
            "function:paymentservice::release",
        ),
    ] {
        assert_eq!(datadog::tag(key, value), expected);
    }
    assert_eq!(datadog::tag("k", &"v".repeat(5000)).len(), 200);
}

#[test]
fn durations_have_the_largest_whole_unit() {
    for (seconds, text) in [
        (300.0, "5m"),
        (90.0, "90s"),
        (604_800.0, "1w"),
        (86_400.0, "1d"),
        (5_400.0, "90m"),
        (0.25, "250ms"),
        (0.0, "0s"),
    ] {
        assert_eq!(promql::duration(seconds), text);
    }
}
