use super::*;
use crate::program::Scratch;
use clap::Parser;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    cost: Cost,
}

pub(super) fn cost(arguments: &[&str]) -> Cost {
    let line = std::iter::once("cost").chain(arguments.iter().copied());
    Line::try_parse_from(line).expect("arguments").cost
}

/// A service with everything on: a hundred calls per second, of which four fail.
pub(super) const LATER: &str = r#"# TYPE instrumental_delivered_total counter
instrumental_delivered_total{backend="sentry",signal="errors"} 100
instrumental_delivered_total{backend="sentry",signal="spans"} 10000
instrumental_delivered_total{backend="datadog",signal="spans"} 10000
instrumental_delivered_total{backend="dogstatsd",signal="metrics"} 10000
instrumental_delivered_total{backend="console",signal="logs"} 1000
# TYPE instrumental_requests_total counter
instrumental_requests_total{backend="sentry",signal="spans"} 2500
# TYPE instrumental_sent_bytes_total counter
instrumental_sent_bytes_total{backend="datadog",signal="spans"} 10000000
instrumental_sent_bytes_total{backend="console",signal="logs"} 200000
# TYPE instrumental_logged_bytes_total counter
instrumental_logged_bytes_total{target="shop::pay",level="INFO"} 150000
instrumental_logged_bytes_total{target="shop::pay",level="ERROR"} 50000
# TYPE instrumental_sample_rate_ratio gauge
instrumental_sample_rate_ratio 1.0
# TYPE function_duration_seconds histogram
function_duration_seconds_count{function="pay",module="shop::pay",outcome="ok"} 7100
function_duration_seconds_count{function="pay",module="shop::pay",outcome="error"} 400
function_duration_seconds_count{function="find",module="shop::jobs",outcome="ok"} 2500
# TYPE jobs_open gauge
jobs_open{trade="roofing",region="north"} 4
jobs_open{trade="roofing",region="south"} 4
jobs_open{trade="plumbing",region="north"} 4
"#;

/// The same page a hundred seconds earlier, at the start of the service.
pub(super) fn earlier() -> String {
    let lines = LATER.lines().map(|line| match line.rsplit_once(' ') {
        Some((series, _)) if !line.starts_with('#') && !line.contains("_ratio ") => {
            format!("{series} 0")
        }
        _ => line.to_owned(),
    });
    lines.map(|line| line + "\n").collect()
}

fn usage(over: f64) -> Usage {
    let page = |text: &str| exposition::parse(text).expect("a page");
    usage::between(Some(&page(&earlier())), &page(LATER), over)
}

fn bill(usage: &Usage, prices: &Prices, instances: f64) -> Bill {
    let biller = Biller {
        usage,
        prices,
        instances,
    };
    estimate::bill(&biller, 0.1)
}

pub(super) fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * b.abs().max(1.0)
}

const MONTH: f64 = 730.0 * 3600.0;

#[test]
fn the_bill_is_quantities_by_prices() {
    let usage = usage(100.0);
    let bill = bill(&usage, &Prices::default(), 2.0);
    let line = |item: &str| {
        let mut lines = bill.lines.iter();
        lines
            .find(|line| line.item == item)
            .unwrap_or_else(|| panic!("{item}"))
    };
    let twice = 2.0 * MONTH;
    for (item, quantity, cost) in [
        // One error per second each; 5,000 are free and 100,000 cost 30.
        ("sentry_errors", twice, (twice - 5000.0) * 30.0 / 100_000.0),
        (
            "sentry_spans",
            100.0 * twice,
            (100.0 * twice - 5e6) * 2.0 / 1e6,
        ),
        ("datadog_apm_hosts", 2.0, 30.0),
        // 100 kB per second each; 150 GB of each are free.
        ("datadog_span_gigabytes", 525.6, (525.6 - 300.0) * 0.1),
        (
            "cloudwatch_log_gigabytes",
            2000.0 * twice / 1e9,
            2000.0 * twice / 1e9 * 0.5,
        ),
        // Fourteen series of counters and gauges, and three of histograms, which count five times. 100 per host are free.
        ("datadog_custom_metrics", 2.0 * (14.0 + 3.0 * 5.0), 0.0),
        ("prometheus_series", 34.0, 0.0),
    ] {
        let line = line(item);
        assert!(line.is_on, "{item}");
        assert!(
            near(line.quantity, quantity),
            "{item}: {} and {quantity}",
            line.quantity
        );
        assert!(near(line.cost, cost), "{item}: {} and {cost}", line.cost);
    }
    let sum: f64 = bill.lines.iter().map(|line| line.cost).sum();
    assert!(near(bill.total, sum));
}

#[test]
fn contributors_have_their_part_of_the_bill() {
    let usage = usage(100.0);
    let bill = bill(&usage, &Prices::default(), 1.0);
    let names: Vec<_> = bill.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["pay (shop::pay)", "find (shop::jobs)"]);
    let pay = &bill.functions[0];
    assert!(near(pay.amount, 75.0 * 86_400.0) && near(pay.more[1], 4.0 * 86_400.0));
    assert!(near(pay.cost, 3.0 * bill.functions[1].cost) && pay.cost > 0.0);
    let logs: Vec<_> = bill.logs.iter().map(|log| log.name.as_str()).collect();
    assert_eq!(logs, ["shop::pay INFO", "shop::pay ERROR"]);
    let all: f64 = bill.logs.iter().map(|log| log.cost).sum();
    let cloudwatch = bill
        .lines
        .iter()
        .find(|line| line.item == "cloudwatch_log_gigabytes");
    assert!(near(all, cloudwatch.expect("a line").cost));
    assert_eq!(bill.metrics[0].name, "instrumental_delivered_total");
    let jobs = bill
        .metrics
        .iter()
        .find(|metric| metric.name == "jobs_open");
    assert_eq!(jobs.map(|metric| metric.amount), Some(3.0));
}

#[test]
fn a_saving_is_the_difference_of_two_bills() {
    let usage = usage(100.0);
    let mut prices = Prices::default();
    prices.datadog_custom_metrics.included_per_instance = 0.0;
    let bill = bill(&usage, &prices, 1.0);
    let saving = |what: &str| {
        let mut savings = bill.savings.iter();
        savings
            .find(|saving| saving.what.starts_with(what))
            .unwrap_or_else(|| panic!("{what}"))
    };
    // Four of a hundred calls fail and are kept, so 13.6% of the spans remain.
    let left = 0.1 + 0.9 * 0.04;
    let spans = |part: f64| {
        let spans = prices.sentry_spans.of(part * 100.0 * MONTH, 1.0);
        spans
            + prices
                .datadog_span_gigabytes
                .of(part * 1e5 * MONTH / 1e9, 1.0)
    };
    let sampling = saving("sample 10% of the traces instead of 100%");
    assert!(
        near(sampling.saves, spans(1.0) - spans(left)),
        "{}",
        sampling.saves
    );
    assert!(sampling.detail.contains("86.4% fewer spans") && sampling.detail.contains("about 4%"));
    // Three quarters of the bytes are below WARN.
    let logs = 2000.0 * MONTH / 1e9 * 0.5;
    assert!(near(saving("log at level WARN").saves, 0.75 * logs));
    let trade = saving("drop the label `trade` of jobs_open");
    assert!(near(trade.saves, 0.05), "{}", trade.saves);
    assert!(
        bill.savings
            .windows(2)
            .all(|pair| pair[0].saves >= pair[1].saves)
    );
}

#[test]
fn backends_that_are_off_are_not_part_of_the_total() {
    let mut usage = usage(100.0);
    usage.flows.remove("sentry");
    usage.flows.remove("dogstatsd");
    let prices = Prices {
        logs_go_to: prices::LogsGoTo::NotBilled,
        ..Prices::default()
    };
    let bill = bill(&usage, &prices, 1.0);
    let spans = bill
        .lines
        .iter()
        .find(|line| line.item == "sentry_spans")
        .expect("a line");
    assert!(!spans.is_on && near(spans.quantity, 100.0 * MONTH) && spans.cost > 0.0);
    assert!(!bill.lines.iter().any(|line| line.item == "sentry_errors"));
    // A host, and the spans above 150 GB.
    assert!(
        near(bill.total, 15.0 + (262.8 - 150.0) * 0.1),
        "{}",
        bill.total
    );
    let text = report::render(&usage, &bill, Width::Columns(100));
    assert!(
        text.contains("off; would cost") && text.contains("if Sentry is on"),
        "{text}"
    );
}

#[test]
fn a_low_sample_rate_has_no_saving() {
    let mut usage = usage(100.0);
    usage.sample_rate = Some(0.05);
    let bill = bill(&usage, &Prices::default(), 1.0);
    assert!(
        !bill
            .savings
            .iter()
            .any(|saving| saving.what.starts_with("sample"))
    );
}

#[test]
fn the_report_fits_its_width_and_escapes_names() {
    let mut usage = usage(100.0);
    usage.functions[0].function = "evil\u{1b}[2J\nname".into();
    let prices = Prices {
        currency: "EUR\u{1b}".into(),
        ..Prices::default()
    };
    let bill = bill(&usage, &prices, 3.0);
    let text = report::render(&usage, &bill, Width::Columns(80));
    assert!(!text.contains('\u{1b}'), "{text}");
    let tables = text.split("Possible savings").next().expect("tables");
    let long = tables
        .lines()
        .skip(1)
        .find(|line| line.starts_with("    ") && line.chars().count() > 80);
    assert_eq!(long, None);
    for part in [
        "Estimate for 3 instances",
        "Per day",
        "Functions by cost",
        "total",
        "sample 10%",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn saved_pages_require_the_time_between_them() {
    let (before, after) = (Scratch::new("cost-before"), Scratch::new("cost-after"));
    std::fs::write(&before.0, earlier()).expect("written");
    std::fs::write(&after.0, LATER).expect("written");
    let (before, after) = (
        before.0.to_str().expect("text"),
        after.0.to_str().expect("text"),
    );
    let two = cost(&["--scrape", before, "--scrape", after, "--seconds", "50"]);
    assert!(near(two.usage().expect("usage").calls(), 200.0));
    let one = cost(&["--scrape", after, "--over", "1000"]);
    assert!(near(one.usage().expect("usage").calls(), 10.0));
    for (arguments, why) in [
        (vec!["--scrape", after], "one page has no rates"),
        (
            vec!["--scrape", before, "--scrape", after],
            "two pages require --seconds",
        ),
        (
            vec!["--scrape", after, "--scrape", after, "--scrape", after],
            "at most twice",
        ),
    ] {
        let failure = cost(&arguments).usage().expect_err(why).to_string();
        assert!(failure.contains(why), "{failure}");
    }
    let json: serde_json::Value = {
        let usage = two.usage().expect("usage");
        let bill = bill(&usage, &Prices::default(), 1.0);
        let report = Report {
            usage: &usage,
            bill: &bill,
        };
        serde_json::from_str(&io::json(&report).expect("JSON")).expect("JSON")
    };
    assert_eq!(json["usage"]["flows"]["sentry"]["errors"]["delivered"], 2.0);
    assert!(
        json["bill"]["total"]
            .as_f64()
            .is_some_and(|total| total > 0.0)
    );
}
