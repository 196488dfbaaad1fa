//! A monthly bill, where the money goes, and what would save some of it.

use super::prices::{LogsGoTo, Price, Prices};
use super::savings::Saving;
use super::usage::{Function, Metric, Usage};
use serde::Serialize;

pub(super) const DAY: f64 = 86_400.0;
/// A month of the prices: 730 hours.
const MONTH: f64 = 730.0 * 3600.0;
const GIGA: f64 = 1e9;
/// A price's name in the file, and what it is for.
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
/// Spenders that are told of each kind.
const TOP: usize = 10;

/// The bill of one month for all instances.
#[derive(Debug, Serialize)]
pub(super) struct Bill {
    pub(super) currency: String,
    pub(super) instances: f64,
    pub(super) lines: Vec<Line>,
    pub(super) total: f64,
    pub(super) functions: Vec<Spender>,
    pub(super) logs: Vec<Spender>,
    pub(super) metrics: Vec<Spender>,
    pub(super) savings: Vec<Saving>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    /// Name of its price.
    pub(super) item: &'static str,
    pub(super) what: &'static str,
    /// A month.
    pub(super) quantity: f64,
    pub(super) cost: f64,
    /// Whether the backend is on; else this is what it would cost, and is no part of the total.
    pub(super) is_on: bool,
}

/// A function, a target of log lines or a metric, with its part of the bill.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Spender {
    pub(super) name: String,
    /// Calls a day, bytes a day, or series of all instances.
    pub(super) amount: f64,
    /// Spans a day that are recorded; failed calls a day; custom metrics in Datadog.
    pub(super) more: Vec<f64>,
    pub(super) cost: f64,
}

/// What one instance uses, in what is billed, a month for all of them.
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
    /// The sample rate whose saving is told.
    pub(super) rate: f64,
}

impl Biller<'_> {
    pub(super) fn bill(&self) -> Bill {
        let quantities = self.quantities();
        let lines = self.lines(&quantities);
        Bill {
            currency: self.prices.currency.clone(),
            instances: self.instances,
            total: total(&lines),
            functions: self.functions(&lines),
            logs: self.logs(&lines),
            metrics: self.metrics(&lines),
            savings: self.savings(&quantities, &lines),
            lines,
        }
    }

    fn monthly(&self, a_second: f64) -> f64 {
        a_second * MONTH * self.instances
    }

    fn quantities(&self) -> Quantities {
        let usage = self.usage;
        let of = |backend, signal| usage.flow(backend, signal);
        let monthly = |rate: f64| self.monthly(rate);
        let custom: f64 = usage.metrics.iter().map(|m| self.custom_metrics(m)).sum();
        let lines = usage.lines().map(|(_, flow)| flow).unwrap_or_default();
        let otlp = usage.flows.get("otlp");
        // None so far is none, where Sentry is on.
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

    /// A name with each combination of tags, of all instances: their hosts are tags, too.
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
            LogsGoTo::Nobody => {}
        }
        add(SERIES, &prices.prometheus_series, of.series, true);
        if let Some(bytes) = of.otlp_bytes {
            add(OTLP, &prices.otlp_gigabytes, bytes / GIGA, true);
        }
        lines
    }

    /// By the spans they make.
    fn functions(&self, lines: &[Line]) -> Vec<Spender> {
        let usage = self.usage;
        let kept = usage.kept(usage.sample_rate.unwrap_or(1.0));
        let cost = cost_of(lines, &[SENTRY_SPANS, SPAN_BYTES]);
        let daily = DAY * self.instances;
        let of = |function: &Function| Spender {
            name: format!("{} ({})", function.function, function.module),
            amount: function.calls * daily,
            more: vec![function.calls * kept * daily, function.failed * daily],
            cost: part(function.calls, usage.calls()) * cost,
        };
        top(usage.functions.iter().map(of).collect())
    }

    fn logs(&self, lines: &[Line]) -> Vec<Spender> {
        let all: f64 = self.usage.logs.iter().map(|lines| lines.bytes).sum();
        let cost = cost_of(lines, &[DATADOG_LOGS, LOG_LINES, CLOUDWATCH_LOGS]);
        let spenders = self.usage.logs.iter().map(|log| Spender {
            name: format!("{} {}", log.target, log.level),
            amount: log.bytes * DAY * self.instances,
            more: Vec::new(),
            cost: part(log.bytes, all) * cost,
        });
        top(spenders.collect())
    }

    fn metrics(&self, lines: &[Line]) -> Vec<Spender> {
        let cost = cost_of(lines, &[CUSTOM_METRICS]);
        let series = cost_of(lines, &[SERIES]);
        let sum = |of: &dyn Fn(&Metric) -> f64| self.usage.metrics.iter().map(of).sum::<f64>();
        let all_custom = sum(&|metric| self.custom_metrics(metric));
        let all_lines = sum(&|metric| metric.lines as f64);
        let spenders = self.usage.metrics.iter().map(|metric| {
            let (custom, lines) = (self.custom_metrics(metric), metric.lines as f64);
            Spender {
                name: metric.name.clone(),
                amount: metric.series as f64 * self.instances,
                more: vec![lines * self.instances, custom],
                cost: part(custom, all_custom) * cost + part(lines, all_lines) * series,
            }
        });
        top(spenders.collect())
    }
}

pub(super) fn total(lines: &[Line]) -> f64 {
    sum(lines, |line| line.is_on)
}

pub(super) fn sum(lines: &[Line], of: impl Fn(&Line) -> bool) -> f64 {
    let of = lines.iter().filter(|line| of(line));
    // The sum of none is zero, not less.
    of.map(|line| line.cost).fold(0.0, |sum, cost| sum + cost)
}

/// What these cost, or would.
fn cost_of(lines: &[Line], items: &[Item]) -> f64 {
    sum(lines, |line| {
        items.iter().any(|(item, _)| *item == line.item)
    })
}

pub(super) fn part(of: f64, all: f64) -> f64 {
    if all > 0.0 { of / all } else { 0.0 }
}

/// The biggest ones.
fn top(mut spenders: Vec<Spender>) -> Vec<Spender> {
    spenders.sort_by(|a, b| {
        b.cost
            .total_cmp(&a.cost)
            .then(b.amount.total_cmp(&a.amount))
    });
    spenders.truncate(TOP);
    spenders
}
