use super::*;
use crate::base::text::prometheus as names;
use crate::model::outcome::Outcome;
use crate::model::site::Site;
use crate::{Distribution, Sample, SampleValue};
use std::collections::{BTreeMap, BTreeSet};

fn site() -> &'static Site {
    crate::__site!("pay", [], { flags: 1u32 })
}

fn page(samples: &[Sample], open: bool) -> String {
    let mut out = Vec::new();
    encode::write(&mut out, samples, None, open).expect("into memory");
    String::from_utf8(out).expect("text")
}

/// Parses a line of the text format: name, labels and value. Panics if the format does not allow it.
fn parse_line(line: &str) -> (String, Vec<(String, String)>, f64) {
    let name_end = line.find(['{', ' ']).expect("a name");
    let name = &line[..name_end];
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    assert!(
        name.chars().all(is_name) && !name.starts_with(|c: char| c.is_ascii_digit()),
        "{line}"
    );
    let mut rest = &line[name_end..];
    let mut labels = Vec::new();
    if let Some(mut inner) = rest.strip_prefix('{') {
        loop {
            let (key, after) = inner.split_once("=\"").expect("a label");
            assert!(
                key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
                "{line}"
            );
            let mut value = String::new();
            let mut chars = after.char_indices();
            let end = loop {
                match chars.next().expect("a closing quote") {
                    (_, '\\') => value.push(match chars.next().expect("an escape").1 {
                        'n' => '\n',
                        c @ ('"' | '\\') => c,
                        c => panic!("escape {c} in {line}"),
                    }),
                    (at, '"') => break at,
                    (_, c) => value.push(c),
                }
            };
            labels.push((key.to_owned(), value));
            inner = &after[end + 1..];
            match inner.strip_prefix(',') {
                Some(more) => inner = more,
                None => break,
            }
        }
        rest = inner.strip_prefix('}').expect("a closing brace");
    }
    let value = rest.strip_prefix(' ').expect("a space");
    let value: f64 = value.replace("+Inf", "inf").parse().expect("a number");
    (name.to_owned(), labels, value)
}

type Parsed = BTreeMap<(String, Vec<(String, String)>), f64>;

/// Parses a page. Panics if the format does not allow it.
fn parse(page: &str) -> Parsed {
    assert!(page.ends_with('\n'));
    let mut values = BTreeMap::new();
    let mut types = BTreeSet::new();
    let mut ended = BTreeSet::new();
    let mut current = String::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, _) = rest.split_once(' ').expect("a type");
            assert!(types.insert(name.to_owned()), "two types of {name}");
            assert!(ended.insert(name.to_owned()));
            current = name.to_owned();
        } else if !line.starts_with('#') {
            let (name, labels, value) = parse_line(line);
            let base = ["_bucket", "_sum", "_count"];
            let base = base
                .iter()
                .find_map(|s| name.strip_suffix(s).filter(|b| *b == current));
            assert_eq!(base.unwrap_or(&name), current, "a line outside its family");
            assert!(!value.is_nan(), "{line}");
            let key = (name, labels);
            assert!(values.insert(key.clone(), value).is_none(), "{key:?} twice");
        }
    }
    values
}

#[test]
fn p01_the_page_is_valid_and_its_counts_are_exact() {
    let mut values = Distribution::empty(-28);
    for n in 1..=1000 {
        let seconds = f64::from(n) / 500.0;
        values.buckets[crate::collect::store::bucket::of(seconds, -28)] += 1;
        values.sum += seconds;
    }
    let series = crate::collect::store::series::duration(site(), Outcome::Ok);
    let value = SampleValue::Histogram(values);
    let parsed = parse(&page(&[Sample { series, value }], false));
    let mut last = (0.0, f64::NEG_INFINITY);
    let mut buckets = 0;
    let mut by_bound: Vec<(f64, f64)> = Vec::new();
    for ((name, labels), value) in &parsed {
        if name.ends_with("_bucket") {
            let le = labels.iter().find(|(key, _)| key == "le").expect("le");
            by_bound.push((
                le.1.replace("+Inf", "inf").parse().expect("a bound"),
                *value,
            ));
        }
    }
    by_bound.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (bound, count) in by_bound {
        assert!(bound > last.1 && count >= last.0);
        // The bounds are powers of the square root of two.
        let expected = (1..=1000)
            .filter(|n| f64::from(*n) / 500.0 <= bound)
            .count();
        assert_eq!(count as usize, expected, "le {bound}");
        last = (count, bound);
        buckets += 1;
    }
    assert_eq!((buckets, last), (42, (1000.0, f64::INFINITY)));
    let count = parsed
        .iter()
        .find(|((name, _), _)| name == "function_duration_seconds_count");
    assert_eq!(count.map(|(_, value)| *value), Some(1000.0));
}

fn counted(city: &str, count: u64) -> Sample {
    let series = Box::leak(Box::new(crate::model::site::Series {
        slot: u32::MAX,
        kind: crate::MetricKind::Counter,
        floor: 0,
        owner: crate::model::site::Owner::Family(&FAMILY, vec![city.to_owned()]),
        index: u32::MAX,
        foreign: std::sync::OnceLock::new(),
    }));
    Sample {
        series,
        value: SampleValue::Counter(count),
    }
}

static LABELS: &[crate::model::label::LabelSpec] = &[crate::model::label::LabelSpec {
    name: "city",
    cardinality: 0,
    counted: 1,
    dynamic: true,
    value: |_| "",
}];

static FAMILY: crate::model::site::Family = named("by.city");
static OTHER: crate::model::site::Family = named("by_city");

const fn named(name: &'static str) -> crate::model::site::Family {
    crate::model::site::Family::new(crate::model::family::FamilySpec {
        name,
        help: "Says \"a\\b\"\nand more.",
        kind: crate::MetricKind::Counter,
        unit: "",
        unit_word: "",
        floor: 0,
        labels: LABELS,
        budget: 10,
        owner: "",
        file: "",
        line: 0,
        module: "",
    })
}

#[test]
fn x20_label_values_are_escaped_without_loss() {
    let cities = [
        "C:\\\"q",
        "C:\"q",
        "a\\\\b",
        "a\\b",
        "a\\\nb",
        "a\nb",
        "",
        "ü🦀",
        "x\",y=\"z",
        "}\nforged 1",
    ];
    let samples: Vec<_> = cities.iter().map(|city| counted(city, 1)).collect();
    for open in [false, true] {
        let page = page(&samples, open);
        let plain = page.replace("# EOF\n", "");
        // In OpenMetrics, the family name has no suffix.
        let plain = plain.replace("# TYPE by_city counter", "# TYPE by_city_total counter");
        let parsed = parse(&plain);
        let seen: BTreeSet<_> = parsed
            .keys()
            .map(|(_, labels)| labels[0].1.clone())
            .collect();
        assert_eq!(seen, cities.iter().map(|c| (*c).to_owned()).collect());
    }
}

#[test]
fn x19_of_two_metrics_with_one_name_the_second_is_dropped_and_counted() {
    let mut other = counted("x", 5);
    other.series = Box::leak(Box::new(crate::model::site::Series {
        slot: u32::MAX,
        kind: crate::MetricKind::Counter,
        floor: 0,
        owner: crate::model::site::Owner::Family(&OTHER, vec!["x".into()]),
        index: u32::MAX,
        foreign: std::sync::OnceLock::new(),
    }));
    let of = || {
        let lost = crate::base::drop_counts::lost();
        lost.iter()
            .find(|(r, _)| *r == DropReason::NameCollision)
            .map_or(0, |(_, n)| *n)
    };
    use crate::model::drop_reason::DropReason;
    let before = of();
    let parsed = parse(&page(&[other, counted("x", 1)], false));
    assert_eq!(parsed.values().copied().collect::<Vec<_>>(), [1.0]);
    assert!(of() > before);
}

#[test]
fn p04_reserved_and_invalid_names_are_renamed() {
    for (label, expected) in [
        ("le", "exported_le"),
        ("quantile", "exported_quantile"),
        ("job", "exported_job"),
        ("__name__", "exported___name__"),
        ("", "_"),
        ("1x", "_1x"),
        ("a.b", "a_b"),
    ] {
        assert_eq!(names::label(label), expected);
    }
    use crate::MetricKind::{Counter, Gauge, Histogram};
    for (name, unit, kind, expected) in [
        ("bids.submitted", "", Counter, "bids_submitted_total"),
        ("a..b--c", "", Gauge, "a_b_c"),
        (
            "http.server.request.duration",
            "seconds",
            Histogram,
            "http_server_request_duration_seconds",
        ),
        ("time_seconds", "seconds", Histogram, "time_seconds"),
        ("1st", "", Gauge, "_1st"),
        ("", "", Counter, "__total"),
    ] {
        assert_eq!(names::metric(name, unit, kind), expected);
    }
}

#[test]
fn the_format_is_negotiated() {
    for (accept, open) in [
        ("", false),
        ("text/plain", false),
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3",
            true,
        ),
        ("application/openmetrics-text;q=0.1,text/plain;q=0.5", false),
        ("application/openmetrics-text;q=0", false),
        ("*/*", false),
    ] {
        assert_eq!(wants_open_metrics(accept), open, "{accept}");
    }
    assert!(
        prometheus_page("application/openmetrics-text")
            .1
            .ends_with("# EOF\n")
    );
}
