//! Tests of Sentry's sampling context and organizations.

use super::sentry::{continues, sample_rand};
use super::tests::{PARENT, TRACE, headers, only};
use super::*;
use crate::model::incoming::Organization;

#[test]
fn b07_traces_are_continued_by_organization() {
    let own = |id: Option<&str>, strict| Organization {
        id: id.map(str::to_owned),
        strict,
        ..Organization::default()
    };
    // The table of the specification: our organization, theirs, continued by default, continued when strict.
    for (ours, theirs, default, strict) in [
        (None, None, true, true),
        (Some("1"), Some("1"), true, true),
        (Some("1"), Some("2"), false, false),
        (Some("1"), None, true, false),
        (None, Some("1"), true, false),
    ] {
        assert_eq!(
            continues(Some(&own(ours, false)), theirs),
            default,
            "{ours:?} {theirs:?}"
        );
        assert_eq!(
            continues(Some(&own(ours, true)), theirs),
            strict,
            "{ours:?} {theirs:?} strict"
        );
    }
}

#[test]
fn b07_the_sampling_context_is_passed_on_and_sample_rand_agrees() {
    for trace in [1, TRACE, u128::MAX, 1 << 63, (1 << 64) - 1] {
        for rate in [0.0, 0.000_000_1, 0.25, 0.5, 0.999_999, 1.0] {
            for sampled in [true, false] {
                if (rate == 0.0 && sampled) || (rate == 1.0 && !sampled) {
                    continue;
                }
                let rand = sample_rand(trace, rate, sampled);
                assert!((0.0..1.0).contains(&rand));
                assert_eq!(rand < rate, sampled, "{trace} {rate} {sampled}: {rand}");
            }
        }
    }
    let bag = "other=1,sentry-trace_id=4bf92f3577b34da6a3ce929d0e0e4736,sentry-public_key=k%20ey,sentry-sampled=true";
    let map = headers(&[
        (
            "sentry-trace",
            "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        ),
        ("baggage", bag),
    ]);
    let incoming = extract_with(&map, &only(Propagation::Sentry)).expect("a context");
    let mut out = headers(&[("baggage", "mine=1")]);
    let outgoing = Outgoing {
        trace: TRACE,
        span: 9,
        sampled: true,
        incoming: Some(&incoming),
    };
    inject_with(&mut out, &outgoing, &only(Propagation::Sentry));
    let bag = out
        .get("baggage")
        .and_then(|v| v.to_str().ok())
        .expect("a bag");
    assert_eq!(
        bag,
        "mine=1,sentry-trace_id=4bf92f3577b34da6a3ce929d0e0e4736,sentry-public_key=k%20ey,sentry-sampled=true"
    );
}

#[test]
fn b07_no_sampling_context_is_made_up_for_a_received_trace() {
    let own = Organization {
        context: vec![("public_key".into(), "ours".into())],
        sample_rate: 1.0,
        ..Organization::default()
    };
    let bag = |incoming: Option<&Incoming>| {
        let outgoing = Outgoing {
            trace: TRACE,
            span: 9,
            sampled: true,
            incoming,
        };
        sentry::inject_as(Some(&own), &mut HeaderMap::new(), &outgoing)
    };
    let ours = bag(None);
    assert!(
        ours.contains(&"sentry-public_key=ours".to_owned()),
        "{ours:?}"
    );
    let map = headers(&[(
        "sentry-trace",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
    )]);
    let incoming = extract_with(&map, &only(Propagation::Sentry)).expect("a context");
    assert_eq!(bag(Some(&incoming)), Vec::<String>::new());
}

#[test]
fn b07_a_sampling_context_belongs_to_its_trace() {
    let of = |id: &str| {
        let bag = format!("sentry-trace_id={id},sentry-public_key=k");
        let map = headers(&[("traceparent", PARENT), ("baggage", &bag)]);
        extract_with(&map, &Styles::default())
            .expect("a context")
            .sentry
            .len()
    };
    assert_eq!(of("4bf92f3577b34da6a3ce929d0e0e4736"), 2);
    assert_eq!(of("5bf92f3577b34da6a3ce929d0e0e4736"), 0);
    assert_eq!(of("nonsense"), 0);
}
