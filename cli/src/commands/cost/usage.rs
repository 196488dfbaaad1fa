//! What a service reports per second, and its number of series, calculated from its Prometheus pages.

use crate::exposition::{FamilyType, Page, Sample};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What one instance reports. Rates are per second.
#[derive(Debug, Default, Serialize)]
pub(super) struct Usage {
    /// The time over which the rates were measured.
    pub(super) seconds: f64,
    /// Whether a counter decreased: the service restarted, and the rates are too low.
    pub(super) restarted: bool,
    pub(super) flows: BTreeMap<String, BTreeMap<String, Flow>>,
    pub(super) functions: Vec<Function>,
    pub(super) logs: Vec<Lines>,
    pub(super) metrics: Vec<Metric>,
    /// The sample rate of traces, if the page has it.
    pub(super) sample_rate: Option<f64>,
}

/// What one backend receives of one signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Flow {
    pub(super) accepted: f64,
    pub(super) delivered: f64,
    pub(super) requests: f64,
    pub(super) bytes: f64,
}

impl Flow {
    /// Returns the billed items: those delivered, or those accepted if deliveries are not known.
    pub(super) fn items(&self) -> f64 {
        if self.delivered > 0.0 {
            self.delivered
        } else {
            self.accepted
        }
    }
}

/// Calls of an annotated function; each is a span before sampling.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Function {
    pub(super) function: String,
    pub(super) module: String,
    pub(super) calls: f64,
    /// Calls that failed or panicked.
    pub(super) failed: f64,
    pub(super) slow: f64,
}

/// Bytes of log lines.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Lines {
    pub(super) target: String,
    pub(super) level: String,
    pub(super) bytes: f64,
}

/// Series of one metric.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Metric {
    /// The name on the page.
    pub(super) name: String,
    pub(super) is_histogram: bool,
    /// The number of combinations of labels.
    pub(super) series: usize,
    /// The number of lines on the page, which are series in Prometheus.
    pub(super) lines: usize,
    /// The number of combinations without each of the labels.
    pub(super) without: BTreeMap<String, usize>,
}

/// The counters of a page, by name and labels.
type Counters<'a> = HashMap<(&'a str, Vec<(&'a str, &'a str)>), f64>;

fn key(sample: &Sample) -> (&str, Vec<(&str, &str)>) {
    (&sample.name, sample.labels_without(""))
}

/// Returns the usage between two pages, or since the start of the service if there is no earlier one.
pub(super) fn between(before: Option<&Page>, after: &Page, seconds: f64) -> Usage {
    let earlier: Counters<'_> = match before {
        Some(page) => page.samples.iter().map(|s| (key(s), s.value)).collect(),
        None => Counters::default(),
    };
    let mut counted = Counted::default();
    let mut restarted = false;
    for sample in &after.samples {
        let kind = after.family(&sample.name).1;
        let is_counted = matches!(kind, FamilyType::Counter | FamilyType::Histogram);
        if !is_counted || !sample.value.is_finite() {
            continue;
        }
        let was = earlier.get(&key(sample)).copied().unwrap_or(0.0);
        let went_down = sample.value < was && !sample.name.ends_with("_sum");
        restarted |= went_down;
        let more = if went_down {
            sample.value
        } else {
            sample.value - was
        };
        counted.add(sample, more / seconds);
    }
    counted.logs.retain(|lines| lines.bytes > 0.0);
    Usage {
        seconds,
        restarted,
        flows: counted.flows,
        functions: counted.functions.into_values().collect(),
        logs: counted.logs,
        metrics: metrics(after),
        sample_rate: sample_rate(after),
    }
}

fn sample_rate(page: &Page) -> Option<f64> {
    let mut samples = page.samples.iter();
    let rate = samples.find(|sample| sample.name == "instrumental_sample_rate_ratio")?;
    Some(rate.value).filter(|rate| (0.0..=1.0).contains(rate))
}

#[derive(Default)]
struct Counted {
    flows: BTreeMap<String, BTreeMap<String, Flow>>,
    functions: BTreeMap<(String, String), Function>,
    logs: Vec<Lines>,
}

impl Counted {
    fn add(&mut self, sample: &Sample, rate: f64) {
        match sample.name.as_str() {
            "instrumental_accepted_total" => self.flow(sample).accepted += rate,
            "instrumental_delivered_total" => self.flow(sample).delivered += rate,
            "instrumental_requests_total" => self.flow(sample).requests += rate,
            "instrumental_sent_bytes_total" => self.flow(sample).bytes += rate,
            "instrumental_logged_bytes_total" => self.logs.push(Lines {
                target: sample.label("target").into(),
                level: sample.label("level").into(),
                bytes: rate,
            }),
            "function_slow_total" => self.function(sample).slow += rate,
            "function_duration_seconds_count" => {
                let failed = sample.is_of_failures();
                let function = self.function(sample);
                function.calls += rate;
                function.failed += if failed { rate } else { 0.0 };
            }
            _ => {}
        }
    }

    fn flow(&mut self, sample: &Sample) -> &mut Flow {
        let signals = self
            .flows
            .entry(sample.label("backend").into())
            .or_default();
        signals.entry(sample.label("signal").into()).or_default()
    }

    fn function(&mut self, sample: &Sample) -> &mut Function {
        let (function, module) = (sample.label("function"), sample.label("module"));
        let key = (module.to_owned(), function.to_owned());
        self.functions.entry(key).or_insert_with(|| Function {
            function: function.into(),
            module: module.into(),
            ..Function::default()
        })
    }
}

/// Returns the series of all metrics.
fn metrics(page: &Page) -> Vec<Metric> {
    struct Seen<'a> {
        kind: FamilyType,
        lines: usize,
        series: BTreeSet<Vec<(&'a str, &'a str)>>,
    }
    let mut families: BTreeMap<&str, Seen<'_>> = BTreeMap::new();
    for sample in &page.samples {
        let (name, kind) = page.family(&sample.name);
        // Metadata of the target, which Prometheus alone has.
        if name == "target_info" {
            continue;
        }
        let part = match kind {
            FamilyType::Histogram => "le",
            FamilyType::Summary => "quantile",
            _ => "",
        };
        let seen = families.entry(name).or_insert_with(|| Seen {
            kind,
            lines: 0,
            series: BTreeSet::new(),
        });
        seen.lines += 1;
        seen.series.insert(sample.labels_without(part));
    }
    let families = families.into_iter();
    families
        .map(|(name, seen)| Metric {
            name: name.to_owned(),
            is_histogram: matches!(seen.kind, FamilyType::Histogram | FamilyType::Summary),
            series: seen.series.len(),
            lines: seen.lines,
            without: without(&seen.series),
        })
        .collect()
}

/// Returns the number of combinations without each of the labels.
fn without(series: &BTreeSet<Vec<(&str, &str)>>) -> BTreeMap<String, usize> {
    let labels: BTreeSet<&str> = series.iter().flatten().map(|(name, _)| *name).collect();
    let left = |label: &str| {
        let rest = series.iter().map(|labels| {
            let rest = labels.iter().filter(|(name, _)| *name != label);
            rest.copied().collect::<Vec<_>>()
        });
        rest.collect::<BTreeSet<_>>().len()
    };
    labels
        .into_iter()
        .map(|label| (label.to_owned(), left(label)))
        .collect()
}

impl Usage {
    /// Returns what a backend receives of a signal, or `None` if it is off.
    pub(super) fn flow(&self, backend: &str, signal: &str) -> Option<Flow> {
        self.flows.get(backend)?.get(signal).copied()
    }

    pub(super) fn calls(&self) -> f64 {
        self.functions.iter().map(|function| function.calls).sum()
    }

    /// Returns the ratio of traces that are kept at any sample rate because something failed or was slow, estimated from
    /// requests, or from calls if there are no requests.
    pub(super) fn notable(&self) -> f64 {
        let servers = |f: &&Function| f.function == "http_server";
        let mut of: Vec<_> = self.functions.iter().filter(servers).collect();
        if of.is_empty() {
            of = self.functions.iter().collect();
        }
        let sum = |value: fn(&Function) -> f64| of.iter().map(|f| value(f)).sum::<f64>();
        let calls = sum(|f| f.calls);
        let slow: f64 = self.functions.iter().map(|function| function.slow).sum();
        if calls > 0.0 {
            ((sum(|f| f.failed) + slow) / calls).min(1.0)
        } else {
            0.0
        }
    }

    /// Returns the ratio of spans that are recorded at a sample rate.
    pub(super) fn kept(&self, rate: f64) -> f64 {
        rate + (1.0 - rate) * self.notable()
    }

    /// Returns the log output that is most likely collected: TCP, then files, then the console.
    pub(super) fn lines(&self) -> Option<(&'static str, Flow)> {
        let mut places = ["tcp", "files", "console"].into_iter();
        places.find_map(|place| Some((place, self.flow(place, "logs")?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::parse;

    fn page(text: &str) -> Page {
        parse(text).expect("a page")
    }

    const BEFORE: &str = "\
# TYPE instrumental_delivered_total counter
instrumental_delivered_total{backend=\"sentry\",signal=\"errors\"} 10
# TYPE function_duration_seconds histogram
function_duration_seconds_count{function=\"pay\",module=\"shop\",outcome=\"ok\"} 100
";
    const AFTER: &str = "\
# TYPE instrumental_delivered_total counter
instrumental_delivered_total{backend=\"sentry\",signal=\"errors\"} 30
# TYPE instrumental_sent_bytes_total counter
instrumental_sent_bytes_total{backend=\"sentry\",signal=\"errors\"} 5000
# TYPE instrumental_logged_bytes_total counter
instrumental_logged_bytes_total{target=\"shop\",level=\"INFO\"} 400
# TYPE function_duration_seconds histogram
function_duration_seconds_bucket{function=\"pay\",module=\"shop\",outcome=\"ok\",le=\"1.0\"} 160
function_duration_seconds_bucket{function=\"pay\",module=\"shop\",outcome=\"ok\",le=\"+Inf\"} 180
function_duration_seconds_sum{function=\"pay\",module=\"shop\",outcome=\"ok\"} 1.5
function_duration_seconds_count{function=\"pay\",module=\"shop\",outcome=\"ok\"} 180
function_duration_seconds_count{function=\"pay\",module=\"shop\",outcome=\"error\"} 20
# TYPE function_slow_total counter
function_slow_total{function=\"pay\",module=\"shop\"} 10
# TYPE instrumental_sample_rate_ratio gauge
instrumental_sample_rate_ratio 0.25
# TYPE target_info gauge
target_info{service_name=\"shop\"} 1
";

    #[test]
    fn rates_are_differences_over_time() {
        let usage = between(Some(&page(BEFORE)), &page(AFTER), 10.0);
        let flow = usage.flow("sentry", "errors").expect("a flow");
        assert_eq!((flow.items(), flow.bytes), (2.0, 500.0));
        assert_eq!(usage.flow("datadog", "spans"), None);
        let pay = &usage.functions[0];
        assert_eq!((pay.calls, pay.failed, pay.slow), (10.0, 2.0, 1.0));
        assert_eq!(
            (usage.logs[0].target.as_str(), usage.logs[0].bytes),
            ("shop", 40.0)
        );
        assert_eq!(usage.sample_rate, Some(0.25));
        assert!(!usage.restarted);
        // Two of ten failed and one was slow: these are kept whatever the rate.
        assert!((usage.kept(0.0) - 0.3).abs() < 1e-9 && (usage.kept(1.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_page_counts_from_the_start() {
        let usage = between(None, &page(AFTER), 100.0);
        assert!((usage.calls() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_restart_is_noticed_and_counts_from_zero() {
        let after = BEFORE.replace(" 100\n", " 40\n").replace(" 10\n", " 15\n");
        let usage = between(Some(&page(BEFORE)), &page(&after), 10.0);
        assert!(usage.restarted);
        assert_eq!(usage.functions[0].calls, 4.0);
        assert_eq!(
            usage.flow("sentry", "errors").map(|flow| flow.delivered),
            Some(0.5)
        );
    }

    #[test]
    fn series_are_combinations_of_labels() {
        let usage = between(None, &page(AFTER), 1.0);
        let metrics: BTreeMap<_, _> = usage.metrics.iter().map(|m| (m.name.as_str(), m)).collect();
        let duration = metrics["function_duration_seconds"];
        assert_eq!(
            (duration.series, duration.lines, duration.is_histogram),
            (2, 5, true)
        );
        let left: Vec<_> = duration
            .without
            .iter()
            .map(|(k, n)| (k.as_str(), *n))
            .collect();
        assert_eq!(left, [("function", 2), ("module", 2), ("outcome", 1)]);
        assert!(!metrics.contains_key("target_info"));
        assert_eq!(metrics["function_slow_total"].series, 1);
    }
}
