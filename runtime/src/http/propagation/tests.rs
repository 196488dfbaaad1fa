use super::headers::is_due;
use super::styles::parse_list;
use super::*;
use crate::base::clock;
use crate::model::drop_reason::DropReason;
use http::{HeaderName, HeaderValue};
use std::sync::atomic::AtomicU64;

pub(super) fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
        headers.append(name, value);
    }
    headers
}

pub(super) fn only(style: Propagation) -> Styles {
    Styles {
        extract: vec![style],
        inject: vec![style],
    }
}

pub(super) const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
pub(super) const SPAN: u64 = 0x00f0_67aa_0ba9_02b7;
pub(super) const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn b05_every_style_round_trips() {
    use Propagation::{B3, B3Multi, Datadog, Sentry, TraceContext};
    for style in [TraceContext, Datadog, B3, B3Multi, Sentry] {
        for sampled in [true, false] {
            let mut map = HeaderMap::new();
            let outgoing = Outgoing {
                trace: TRACE,
                span: SPAN,
                sampled,
                incoming: None,
            };
            inject_with(&mut map, &outgoing, &only(style));
            let incoming = extract_with(&map, &only(style)).expect("a context");
            assert_eq!((incoming.trace, incoming.span), (TRACE, SPAN), "{style:?}");
            assert_eq!(incoming.sampled, Some(sampled), "{style:?}");
        }
    }
}

#[test]
fn b05_golden_headers() {
    let mut map = HeaderMap::new();
    let incoming = Incoming {
        tracestate: "dd=s:2,rojo=1".into(),
        baggage: vec![
            ("user id".into(), "".into()),
            ("team".into(), "a,b ü".into()),
        ],
        datadog_origin: Some("rum".into()),
        datadog_tags: vec![("_dd.p.dm".into(), "-4".into())],
        priority: Some(2),
        ..Incoming::default()
    };
    let styles = Styles {
        inject: vec![
            Propagation::TraceContext,
            Propagation::Datadog,
            Propagation::B3,
            Propagation::B3Multi,
            Propagation::Baggage,
        ],
        extract: Vec::new(),
    };
    let outgoing = Outgoing {
        trace: TRACE,
        span: SPAN,
        sampled: true,
        incoming: Some(&incoming),
    };
    inject_with(&mut map, &outgoing, &styles);
    for (name, value) in [
        ("traceparent", PARENT),
        ("tracestate", "dd=s:2,rojo=1"),
        ("x-datadog-trace-id", "11803532876627986230"),
        ("x-datadog-parent-id", "67667974448284343"),
        ("x-datadog-sampling-priority", "2"),
        ("x-datadog-origin", "rum"),
        ("x-datadog-tags", "_dd.p.tid=4bf92f3577b34da6,_dd.p.dm=-4"),
        ("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1"),
        ("x-b3-traceid", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("x-b3-sampled", "1"),
        ("baggage", "user id=,team=a%2Cb%20%C3%BC"),
    ] {
        assert_eq!(
            map.get(name).map(|v| v.to_str().expect("text")),
            Some(value),
            "{name}"
        );
    }
}

#[test]
fn b05_the_first_style_wins_and_other_traces_are_links() {
    let map = headers(&[
        ("traceparent", PARENT),
        ("x-datadog-trace-id", "42"),
        ("x-datadog-parent-id", "7"),
        ("x-datadog-sampling-priority", "1"),
    ]);
    let styles = |extract: Vec<Propagation>| Styles {
        extract,
        inject: Vec::new(),
    };
    use Propagation::{Datadog, TraceContext};
    let first = extract_with(&map, &styles(vec![Datadog, TraceContext])).expect("a context");
    assert_eq!((first.trace, first.links), (42, vec![(TRACE, SPAN)]));
    let first = extract_with(&map, &styles(vec![TraceContext, Datadog])).expect("a context");
    assert_eq!((first.trace, first.links), (TRACE, vec![(42, 7)]));
    // The same trace in both: the lower 64 bits do not make a link.
    let map = headers(&[
        ("traceparent", PARENT),
        ("x-datadog-trace-id", "11803532876627986230"),
    ]);
    let first = extract_with(&map, &styles(vec![TraceContext, Datadog])).expect("a context");
    assert_eq!(first.links, []);
    // The same if the 64-bit style comes first: the trace keeps all 128 bits.
    let first = extract_with(&map, &styles(vec![Datadog, TraceContext])).expect("a context");
    assert_eq!((first.trace, first.links), (TRACE, Vec::new()));
}

#[test]
fn b05_a_malformed_upper_half_is_dropped_and_reported() {
    let map = headers(&[
        ("x-datadog-trace-id", "42"),
        (
            "x-datadog-tags",
            "_dd.p.tid=XYZ,_dd.p.dm=-4,_dd.p.tid=1,other=1",
        ),
    ]);
    let incoming = extract_with(&map, &only(Propagation::Datadog)).expect("a context");
    assert_eq!(incoming.trace, 42);
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        incoming.datadog_tags,
        [
            tag("_dd.p.dm", "-4"),
            tag("_dd.propagation_error", "malformed_tid XYZ")
        ]
    );
    let mut out = HeaderMap::new();
    let outgoing = Outgoing {
        trace: 42,
        span: 1,
        sampled: true,
        incoming: Some(&incoming),
    };
    inject_with(&mut out, &outgoing, &only(Propagation::Datadog));
    assert_eq!(out["x-datadog-tags"], "_dd.p.dm=-4");
    let twice = headers(&[
        ("x-datadog-trace-id", "42"),
        ("x-datadog-parent-id", "1"),
        ("x-datadog-parent-id", "2"),
    ]);
    assert_eq!(extract_with(&twice, &only(Propagation::Datadog)), None);
}

#[test]
fn b08_one_warning_per_interval() {
    let last_warning = AtomicU64::new(0);
    let start = clock::now();
    assert!(is_due(&last_warning, start));
    assert!(!is_due(&last_warning, start + 1));
    // The clock's rate depends on the machine, so ticks are computed from seconds.
    let tick = clock::seconds(0, 1_000_000_000) / 1e9;
    let later = |seconds: f64| start + (seconds / tick) as u64;
    assert!(!is_due(&last_warning, later(9.9)));
    assert!(is_due(&last_warning, later(10.1)));
    assert!(!is_due(&last_warning, later(20.0)));
}

#[test]
fn b08_a_sign_is_not_percent_encoding() {
    let map = headers(&[("baggage", "a=%+5,b=%4,c=%,d=%zz,e=%41,f=1")]);
    let incoming = extract_with(&map, &only(Propagation::Baggage)).expect("a bag");
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(incoming.baggage, [pair("e", "A"), pair("f", "1")]);
}

#[test]
fn b08_malformed_headers_begin_a_new_trace() {
    for parent in [
        "",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-012",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        "0\u{e4}-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "garbage",
    ] {
        let map = headers(&[("traceparent", parent)]);
        assert_eq!(
            extract_with(&map, &only(Propagation::TraceContext)),
            None,
            "{parent}"
        );
    }
    let twice = headers(&[("traceparent", PARENT), ("traceparent", PARENT)]);
    assert_eq!(extract_with(&twice, &only(Propagation::TraceContext)), None);
    for later in [
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-what-ever",
    ] {
        let map = headers(&[("traceparent", later)]);
        let incoming =
            extract_with(&map, &only(Propagation::TraceContext)).expect("a later version");
        assert_eq!((incoming.trace, incoming.sampled), (TRACE, Some(true)));
    }
    for (name, value, style) in [
        ("x-datadog-trace-id", "-1", Propagation::Datadog),
        (
            "x-datadog-trace-id",
            "18446744073709551616",
            Propagation::Datadog,
        ),
        ("x-datadog-trace-id", "0", Propagation::Datadog),
        ("b3", "nonsense", Propagation::B3),
        (
            "b3",
            "4bf92f3577b34da6a3ce929d0e0e4736-x-1",
            Propagation::B3,
        ),
        ("x-b3-traceid", "4bf92f3577b34da6", Propagation::B3Multi),
        ("sentry-trace", "4bf9-00f067aa0ba902b7", Propagation::Sentry),
        (
            "sentry-trace",
            "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-2",
            Propagation::Sentry,
        ),
    ] {
        assert_eq!(
            extract_with(&headers(&[(name, value)]), &only(style)),
            None,
            "{name}: {value}"
        );
    }
    let invalid = crate::base::drop_counts::lost();
    assert!(
        invalid
            .iter()
            .any(|(reason, _)| *reason == DropReason::PropagationInvalid)
    );
}

#[test]
fn b08_limits_apply_to_all_lines_together() {
    let mut map = HeaderMap::new();
    let line = HeaderValue::from_str(&"k=v,".repeat(2000)).expect("a value");
    for _ in 0..10_000 {
        map.append("baggage", line.clone());
    }
    let incoming = extract_with(&map, &only(Propagation::Baggage)).expect("some of it");
    assert_eq!(incoming.baggage.len(), 64);
    let mut map = headers(&[("traceparent", PARENT)]);
    for n in 0..100 {
        map.append(
            "tracestate",
            HeaderValue::from_str(&format!("k{n}=v")).expect("a value"),
        );
    }
    let incoming = extract_with(&map, &only(Propagation::TraceContext)).expect("a context");
    assert_eq!(incoming.tracestate.split(',').count(), 32);
    // Lines without members count toward the limit, too.
    let mut map = headers(&[("traceparent", PARENT)]);
    map.append(
        "tracestate",
        HeaderValue::from_str(&",".repeat(8192)).expect("a value"),
    );
    map.append("tracestate", HeaderValue::from_static("late=1"));
    let incoming = extract_with(&map, &only(Propagation::TraceContext)).expect("a context");
    assert_eq!(incoming.tracestate, "");
}

#[test]
fn b08_bytes_beyond_the_limit_are_not_read() {
    let mut map = headers(&[("traceparent", PARENT)]);
    for name in ["baggage", "tracestate", "sentry-trace", "x-datadog-tags"] {
        let line = HeaderValue::from_str(&"a=%41;p,".repeat(1024)).expect("a value");
        for _ in 0..10_000 {
            map.append(name, line.clone());
        }
    }
    // 320 MB. An unoptimized build needs at least a second to read all of it, and next to nothing for the first lines.
    let quickest = (0..5).map(|_| {
        let start = std::time::Instant::now();
        let incoming = extract_with(&map, &Styles::default()).expect("a context");
        assert_eq!((incoming.trace, incoming.baggage.len()), (TRACE, 64));
        start.elapsed()
    });
    let quickest = quickest.min().expect("five");
    assert!(quickest.as_millis() < 100, "{quickest:?}");
}

#[test]
fn lists_of_styles_are_parsed() {
    use Propagation::{B3, Datadog, TraceContext};
    assert_eq!(
        parse_list("datadog, tracecontext,b3,datadog"),
        Some(vec![Datadog, TraceContext, B3])
    );
    assert_eq!(parse_list("none"), Some(Vec::new()));
    assert_eq!(parse_list("jaeger"), None);
}
