//! Tests of events, client reports and hooks.

use super::fixtures::{PLACE, identity, report};
use super::options::read;
use super::test_server::{Server, next, server};
use super::*;
use crate::base::settings::ConfigErrors;
use crate::collect::trace::fields::encode_with;
use crate::model::fields::Fields;
use crate::model::record::{LogRecord, Place};
use crate::pipeline::queue::why;
use std::time::SystemTime;

fn consumer(server: &Server, options: Sentry) -> SentryConsumer {
    let mut errors = ConfigErrors::default();
    let options = options.dsn(&server.dsn);
    let config = read(Some(&options), &identity(), 1.0, &mut errors).expect("valid");
    assert!(errors.0.is_empty());
    SentryConsumer::start(config).expect("a thread")
}

fn capture(consumer: &mut SentryConsumer, text: &str) {
    consumer.record(&Record::Report(Arc::new(report(text))));
}

fn flush(consumer: &SentryConsumer) {
    assert!(
        consumer
            .queue
            .flush(Instant::now() + Duration::from_secs(20))
    );
}

fn dropped(consumer: &SentryConsumer, why: &str) -> u64 {
    let health = consumer.queue.stats().read_for_tests();
    let account = health.accounts.get(&Signal::Errors);
    account
        .and_then(|account| account.dropped.get(why))
        .copied()
        .unwrap_or(0)
}

#[test]
fn c01_x12_an_envelope_follows_the_protocol() {
    let server = server(Vec::new());
    let mut consumer = consumer(&server, Sentry::default());
    capture(&mut consumer, "card\nrefused");
    let (head, header, items) = next(&server);
    assert!(head.starts_with("post /api/7/envelope/"), "{head}");
    assert!(
        head.contains("content-type: application/x-sentry-envelope"),
        "{head}"
    );
    assert!(
        head.contains("x-sentry-auth: sentry ") && head.contains("sentry_key=key"),
        "{head}"
    );
    assert_eq!(header["event_id"].as_str().map(str::len), Some(32));
    assert!(
        header["sent_at"]
            .as_str()
            .is_some_and(|at| at.ends_with('Z'))
    );
    assert_eq!(header["trace"]["trace_id"], format!("{:032x}", 5));
    let (item, event) = &items[0];
    assert_eq!(item["type"], "event");
    assert_eq!(event["release"], "shop@1.2");
    assert_eq!(event["tags"]["a-b"], "x y");
    let values = event["exception"]["values"].as_array().expect("values");
    let texts: Vec<_> = values
        .iter()
        .map(|v| v["value"].as_str().expect("text"))
        .collect();
    assert_eq!(texts, ["root\ncause", "middle", "card\nrefused"]);
    assert_eq!(values[2]["type"], "Refused");
    assert_eq!(
        values[2]["mechanism"]["type"],
        "auto.function.instrumental.capture_errors"
    );
    assert_eq!(values[2]["mechanism"]["handled"], true);
}

#[test]
fn c02_x04_rate_limited_events_are_dropped_without_a_request() {
    let server = server(vec![
        "200 OK\r\nX-Sentry-Rate-Limits: 60:error:organization\r\n",
    ]);
    let mut consumer = consumer(&server, Sentry::default());
    capture(&mut consumer, "first");
    next(&server);
    flush(&consumer);
    for n in 0..500 {
        capture(&mut consumer, &format!("number {n}"));
    }
    flush(&consumer);
    assert_eq!(dropped(&consumer, transport::BACKOFF), 500);
    // A single report covers all of them.
    consumer.send_client_report();
    let (_, _, items) = next(&server);
    assert_eq!(items[0].0["type"], "client_report");
    let expected = json!([{ "reason": "ratelimit_backoff", "category": "error", "quantity": 500 }]);
    assert_eq!(items[0].1["discarded_events"], expected);
    flush(&consumer);
    consumer.send_client_report();
    flush(&consumer);
    assert!(
        server.requests.try_recv().is_err(),
        "no item is reported twice"
    );
}

#[test]
fn c06_dropped_events_are_reported_by_reason_except_those_of_a_429() {
    let refuse = "429 x\r\nX-Sentry-Rate-Limits: 0:error\r\n";
    let server = server(vec!["400 x\r\n", "500 x\r\n", refuse]);
    let mut consumer = consumer(&server, Sentry::default().ignore_message("not this"));
    capture(&mut consumer, "not this one");
    let mut reports = Vec::new();
    for text in ["bad", "failed", "limited", "good"] {
        capture(&mut consumer, text);
        flush(&consumer);
        let (_, _, items) = next(&server);
        reports.extend(
            items
                .into_iter()
                .filter(|(head, _)| head["type"] == "client_report"),
        );
    }
    assert_eq!(
        (
            dropped(&consumer, why::SEND_ERROR),
            dropped(&consumer, transport::REFUSED)
        ),
        (2, 1)
    );
    // The envelope that carried the first report failed, so the report was repeated until one was accepted.
    let last = &reports.last().expect("a report").1["discarded_events"];
    let expected = json!([
        { "reason": "ignored", "category": "error", "quantity": 1 },
        { "reason": "send_error", "category": "error", "quantity": 2 }
    ]);
    assert_eq!(*last, expected);
}

#[test]
fn c08_x06_events_of_a_panicking_hook_are_dropped_and_counted() {
    let server = server(Vec::new());
    let options = Sentry::default().before_send(|event| {
        let text = event
            .exception
            .values
            .last()
            .and_then(|value| value.value.clone());
        match text.as_deref() {
            Some("panic") => panic!("in the hook"),
            Some("drop") => None,
            _ => Some(event),
        }
    });
    let mut consumer = consumer(&server, options);
    for text in ["panic", "drop", "keep"] {
        capture(&mut consumer, text);
    }
    let (_, _, items) = next(&server);
    assert_eq!(items[0].1["exception"]["values"][2]["value"], "keep");
    assert_eq!(dropped(&consumer, "before_send"), 2);
}

#[test]
fn c08_a_panicking_breadcrumb_hook_drops_the_breadcrumb() {
    let server = server(Vec::new());
    let mut consumer = consumer(
        &server,
        Sentry::default().before_breadcrumb(|_| panic!("in the hook")),
    );
    let mut with_crumb = report("kept");
    with_crumb.breadcrumbs.push(crate::Breadcrumb {
        time: SystemTime::now(),
        category: "manual",
        message: "crumb".into(),
    });
    consumer.record(&Record::Report(Arc::new(with_crumb)));
    let (_, _, items) = next(&server);
    assert_eq!(items[0].1["exception"]["values"][2]["value"], "kept");
    assert!(!items[0].1.to_string().contains("crumb\""));
}

#[test]
fn errors_are_sampled_and_counted() {
    let server = server(Vec::new());
    let mut consumer = consumer(&server, Sentry::default().error_sample_rate(0.0));
    (0..10).for_each(|_| capture(&mut consumer, "x"));
    assert_eq!(dropped(&consumer, "sample_rate"), 10);
}

#[test]
fn x07_configuration_errors_show_no_key() {
    let valid = || Sentry::default().dsn("http://key@host/1");
    for (options, expected) in [
        (Sentry::default().dsn("https://secret@"), "SENTRY_DSN"),
        (Sentry::default().dsn("not a dsn"), "SENTRY_DSN"),
        (valid().error_sample_rate(f64::NAN), "from 0 to 1"),
        (valid().error_sample_rate(2.0), "from 0 to 1"),
    ] {
        let mut errors = ConfigErrors::default();
        read(Some(&options), &identity(), 1.0, &mut errors);
        let text = errors.0.iter().map(ToString::to_string).collect::<String>();
        assert!(
            text.contains(expected) && !text.contains("secret"),
            "{text}"
        );
    }
    let mut errors = ConfigErrors::default();
    assert!(
        read(
            Some(&Sentry::default().dsn(" ")),
            &identity(),
            1.0,
            &mut errors
        )
        .is_none()
    );
    assert!(errors.0.is_empty());
}

fn log(text: &str, trace: u128) -> Record {
    static METADATA: tracing::Metadata<'static> = tracing::Metadata::new(
        "event",
        "shop",
        tracing::Level::ERROR,
        None,
        None,
        None,
        tracing::field::FieldSet::new(&["message"], tracing::callsite::Identifier(&CALLSITE)),
        tracing::metadata::Kind::EVENT,
    );
    static CALLSITE: tracing::callsite::DefaultCallsite =
        tracing::callsite::DefaultCallsite::new(&METADATA);
    let field = METADATA.fields().field("message").expect("declared");
    let bytes = encode_with(|visit| visit.record_str(&field, text));
    Record::Log(LogRecord {
        metadata: &METADATA,
        time: SystemTime::now(),
        place: Place { trace, ..PLACE },
        fields: Fields::new(METADATA.fields(), bytes),
        matches_captured: false,
    })
}

#[test]
fn x11_an_error_that_is_logged_and_captured_is_one_event() {
    let server = server(Vec::new());
    let mut consumer = consumer(&server, Sentry::default());
    consumer.record(&log("before: card refused", 5));
    capture(&mut consumer, "card refused");
    consumer.record(&log("after: card refused", 5));
    consumer.record(&log("caused by middle", 5));
    consumer.record(&log("another thing: card refused", 9));
    consumer.flush();
    flush(&consumer);
    let events = [next(&server), next(&server)];
    let message = |event: &Value| {
        event["logentry"]["message"]
            .as_str()
            .unwrap_or("captured")
            .to_owned()
    };
    let mut messages: Vec<_> = events
        .iter()
        .map(|(_, _, items)| message(&items[0].1))
        .collect();
    messages.sort();
    assert_eq!(messages, ["another thing: card refused", "captured"]);
    assert!(server.requests.try_recv().is_err());
    // The record that preceded the captured error is one of its breadcrumbs.
    let captured = events
        .iter()
        .find(|(_, _, items)| items[0].1.get("exception").is_some());
    let crumb = &captured.expect("captured").2[0].1["breadcrumbs"]["values"][0];
    assert_eq!(crumb["message"], "before: card refused");
}

#[test]
fn memory_is_bounded_under_a_storm_of_long_records() {
    let server = server(Vec::new());
    let mut consumer = consumer(&server, Sentry::default());
    let long = "x".repeat(4000);
    for n in 0..5000 {
        // Two records for each trace, the second after the first ones of all traces.
        consumer.record(&log(&long, n % 2500 + 1));
        if n % 100 == 0 {
            consumer.tick(Instant::now());
        }
    }
    consumer.tick(Instant::now());
    let (traces, bytes, held) = consumer.logged.held_for_tests();
    assert!((450..=1000).contains(&traces), "{traces}");
    assert!(bytes <= 2 << 20 && held <= 300, "{bytes} {held}");
}

#[test]
fn c06_client_reports_use_sentrys_reasons() {
    let server = server(Vec::new());
    let mut consumer = consumer(&server, Sentry::default());
    let stats = consumer.queue.stats();
    for (why, items) in [
        (why::NETWORK_ERROR, 1),
        (why::QUEUE_FULL, 2),
        (why::INTERNAL, 3),
        ("before_send", 4),
        ("sample_rate", 5),
        (transport::BACKOFF, 6),
        // The server counts the former itself, and no report can be sent after shutdown.
        (transport::REFUSED, 7),
        (why::SHUTDOWN, 8),
    ] {
        stats.drop_unqueued(Signal::Errors, why, items);
    }
    // A transaction and the spans in it.
    stats.drop_unqueued(Signal::Spans, why::NETWORK_ERROR, 11);
    consumer.send_client_report();
    let (_, _, items) = next(&server);
    let reports = items[0].1["discarded_events"].as_array().expect("a list");
    let mut reports: Vec<_> = reports
        .iter()
        .map(|event| {
            format!(
                "{} {} {}",
                event["reason"], event["category"], event["quantity"]
            )
        })
        .map(|text| text.replace('"', ""))
        .collect();
    reports.sort();
    let expected = [
        "before_send error 4",
        "internal_sdk_error error 3",
        "network_error error 1",
        "network_error span 11",
        "network_error transaction 1",
        "queue_overflow error 2",
        "ratelimit_backoff error 6",
        "sample_rate error 5",
    ];
    assert_eq!(reports, expected);
}
