//! The quantities and costs of a month, and what contributes most to them.

use super::prices::{LogsGoTo, Price, Prices};
use super::usage::{Function, Metric, Usage};
use serde::Serialize;

pub(super) const DAY: f64 = 86_400.0;
/// A month in seconds: 730 hours, as price lists count it.
const MONTH: f64 = 730.0 * 3600.0;
const GIGA: f64 = 1e9;
/// A price's name in the file, and its description.
type Item = (&'static str, &'static str);
const SENTRY_ERRORS: Item = ("sentry_errors", "errors to Sentry");
const SENTRY_SPANS: Item = ("sentry_spans", "spans to Sentry");
const APM_HOSTS: Item = ("datadog_apm_hosts", "APM hosts of Datadog");
const SPAN_BYTES: Item = ("datadog_span_gigabytes", "GB of spans to Datadog");
const CUSTOM_METRICS: Item = ("datadog_custom_metrics", "custom metrics in Datadog");
const DATADOG_LOGS: Item = ("datadog_log_gigabytes", "GB of log lines to Datadog");
const LOG_LINES: Item = ("datadog_log_lines", "log lines indexed by Datadog");
const CLOUDWATCH_LOGS: Item = ("cloudwatch_log_gigabytes", "GB of log lines to CloudWatch");
const SERIES: Item = ("prometheus_series", "series in Prometheus");
const OTLP: Item = ("otlp_gigabytes", "GB over OTLP");
/// The maximum number of contributors of each kind.
const TOP: usize = 10;

/// A line of the bill.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    /// The name of its price.
    pub(super) item: &'static str,
    pub(super) what: &'static str,
    /// Per month.
    pub(super) quantity: f64,
    pub(super) cost: f64,
    /// Whether the backend is on. If not, this is what it would cost, which is not part of the total.
    pub(super) is_on: bool,
}

/// A function, a log target or a metric, with its part of the bill.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Contributor {
    pub(super) name: String,
    /// Calls per day, bytes per day, or series of all instances.
    pub(super) amount: f64,
    /// Recorded spans and failed calls per day; series in Prometheus and custom metrics in Datadog.
    pub(super) more: Vec<f64>,
    pub(super) cost: f64,
}

/// The billed quantities of a month, for all instances.
#[derive(Clone, Copy)]
pub(super) struct Quantities {
    pub(super) errors: Option<f64>,
    pub(super) sentry_spans: f64,
    pub(super) datadog_span_bytes: Option<f64>,
    pub(super) custom_metrics: f64,
    pub(super) log_lines: f64,
    pub(super) log_bytes: f64,
    pub(super) series: f64,
    pub(super) otlp_bytes: Option<f64>,
}

pub(super) struct Biller<'a> {
    pub(super) usage: &'a Usage,
    pub(super) prices: &'a Prices,
    pub(super) instances: f64,
}

impl Biller<'_> {
    fn monthly(&self, per_second: f64) -> f64 {
        per_second * MONTH * self.instances
    }

    pub(super) fn quantities(&self) -> Quantities {
        let usage = self.usage;
        let of = |backend, signal| usage.flow(backend, signal);
        let monthly = |rate: f64| self.monthly(rate);
        let custom: f64 = usage.metrics.iter().map(|m| self.custom_metrics(m)).sum();
        let lines = usage.lines().map(|(_, flow)| flow).unwrap_or_default();
        let otlp = usage.flows.get("otlp");
        // If Sentry is on and has received no errors, the quantity is 0.
        let sentry = usage.flows.get("sentry");
        let sentry = sentry.map(|signals| signals.get("errors").copied().unwrap_or_default());
        let recorded = usage.calls() * usage.kept(usage.sample_rate.unwrap_or(1.0));
        Quantities {
            errors: sentry.map(|errors| monthly(errors.items())),
            sentry_spans: monthly(of("sentry", "spans").map_or(recorded, |flow| flow.items())),
            datadog_span_bytes: of("datadog", "spans").map(|flow| monthly(flow.bytes)),
            custom_metrics: custom,
            log_lines: monthly(lines.items()),
            log_bytes: monthly(lines.bytes),
            series: usage.metrics.iter().map(|m| m.lines as f64).sum::<f64>() * self.instances,
            otlp_bytes: otlp.map(|signals| monthly(signals.values().map(|flow| flow.bytes).sum())),
        }
    }

    /// Returns the custom metrics of Datadog: each combination of tags, for each instance, as its host is a tag.
    pub(super) fn custom_metrics(&self, metric: &Metric) -> f64 {
        let each = match metric.is_histogram {
            true => self.prices.datadog_metrics_per_distribution,
            false => 1.0,
        };
        metric.series as f64 * each * self.instances
    }

    pub(super) fn lines(&self, of: &Quantities) -> Vec<Line> {
        let prices = self.prices;
        let has = |backend, signal| self.usage.flow(backend, signal).is_some();
        let (traces, metrics) = (has("datadog", "spans"), has("dogstatsd", "metrics"));
        let mut lines = Vec::new();
        let mut add = |(item, what), price: &Price, quantity: f64, is_on| {
            let cost = price.of(quantity, self.instances);
            lines.push(Line {
                item,
                what,
                quantity,
                cost,
                is_on,
            });
        };
        if let Some(errors) = of.errors {
            add(SENTRY_ERRORS, &prices.sentry_errors, errors, true);
        }
        let sentry = has("sentry", "spans");
        add(SENTRY_SPANS, &prices.sentry_spans, of.sentry_spans, sentry);
        if let Some(bytes) = of.datadog_span_bytes {
            add(APM_HOSTS, &prices.datadog_apm_hosts, self.instances, traces);
            let price = &prices.datadog_span_gigabytes;
            add(SPAN_BYTES, price, bytes / GIGA, traces);
        }
        let price = &prices.datadog_custom_metrics;
        add(CUSTOM_METRICS, price, of.custom_metrics, metrics);
        let gigabytes = of.log_bytes / GIGA;
        match prices.logs_go_to {
            LogsGoTo::Datadog => {
                add(DATADOG_LOGS, &prices.datadog_log_gigabytes, gigabytes, true);
                add(LOG_LINES, &prices.datadog_log_lines, of.log_lines, true);
            }
            LogsGoTo::Cloudwatch => {
                let price = &prices.cloudwatch_log_gigabytes;
                add(CLOUDWATCH_LOGS, price, gigabytes, true);
            }
            LogsGoTo::NotBilled => {}
        }
        add(SERIES, &prices.prometheus_series, of.series, true);
        if let Some(bytes) = of.otlp_bytes {
            add(OTLP, &prices.otlp_gigabytes, bytes / GIGA, true);
        }
        lines
    }

    /// Returns the functions with the most spans.
    pub(super) fn functions(&self, lines: &[Line]) -> Vec<Contributor> {
        let usage = self.usage;
        let kept = usage.kept(usage.sample_rate.unwrap_or(1.0));
        let cost = cost_of(lines, &[SENTRY_SPANS, SPAN_BYTES]);
        let daily = DAY * self.instances;
        let of = |function: &Function| Contributor {
            name: format!("{} ({})", function.function, function.module),
            amount: function.calls * daily,
            more: vec![function.calls * kept * daily, function.failed * daily],
            cost: part(function.calls, usage.calls()) * cost,
        };
        top(usage.functions.iter().map(of).collect())
    }

    pub(super) fn logs(&self, lines: &[Line]) -> Vec<Contributor> {
        let all: f64 = self.usage.logs.iter().map(|lines| lines.bytes).sum();
        let cost = cost_of(lines, &[DATADOG_LOGS, LOG_LINES, CLOUDWATCH_LOGS]);
        let contributors = self.usage.logs.iter().map(|log| Contributor {
            name: format!("{} {}", log.target, log.level),
            amount: log.bytes * DAY * self.instances,
            more: Vec::new(),
            cost: part(log.bytes, all) * cost,
        });
        top(contributors.collect())
    }

    pub(super) fn metrics(&self, lines: &[Line]) -> Vec<Contributor> {
        let cost = cost_of(lines, &[CUSTOM_METRICS]);
        let series = cost_of(lines, &[SERIES]);
        let sum = |of: &dyn Fn(&Metric) -> f64| self.usage.metrics.iter().map(of).sum::<f64>();
        let all_custom = sum(&|metric| self.custom_metrics(metric));
        let all_lines = sum(&|metric| metric.lines as f64);
        let contributors = self.usage.metrics.iter().map(|metric| {
            let (custom, lines) = (self.custom_metrics(metric), metric.lines as f64);
            Contributor {
                name: metric.name.clone(),
                amount: metric.series as f64 * self.instances,
                more: vec![lines * self.instances, custom],
                cost: part(custom, all_custom) * cost + part(lines, all_lines) * series,
            }
        });
        top(contributors.collect())
    }
}

pub(super) fn total(lines: &[Line]) -> f64 {
    sum(lines, |line| line.is_on)
}

pub(super) fn sum(lines: &[Line], of: impl Fn(&Line) -> bool) -> f64 {
    let of = lines.iter().filter(|line| of(line));
    // `sum()` of an empty iterator of floats is -0.
    of.map(|line| line.cost).fold(0.0, |sum, cost| sum + cost)
}

/// Returns what items cost, or would cost.
fn cost_of(lines: &[Line], items: &[Item]) -> f64 {
    sum(lines, |line| {
        items.iter().any(|(item, _)| *item == line.item)
    })
}

pub(super) fn part(of: f64, all: f64) -> f64 {
    if all > 0.0 { of / all } else { 0.0 }
}

/// Returns the largest contributors.
fn top(mut contributors: Vec<Contributor>) -> Vec<Contributor> {
    contributors.sort_by(|a, b| {
        b.cost
            .total_cmp(&a.cost)
            .then(b.amount.total_cmp(&a.amount))
    });
    contributors.truncate(TOP);
    contributors
}
