//! `#[business_event]` on a struct: what reaches the application's own recorder and subscriber.

use instrumental::{Event, Label, business_event};
use instrumental_tests::facades::seen;
use std::time::Duration;

#[derive(Label, Clone, Copy)]
enum Trade {
    Plumbing,
    Roofing,
}

/// A decimal that displays as a number.
#[derive(Clone, Copy)]
struct Cents(u64);

impl std::fmt::Display for Cents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[derive(Debug)]
#[allow(dead_code)]
struct Note(&'static str);

/// The line from which the position of the declaration is computed.
const ABOVE: u32 = line!();

/// Money left escrow.
#[business_event("event_tests.released", owner = "payments")]
struct Released<'a, T> {
    contractor_id: u64,
    #[measure(usd)]
    amount: Cents,
    #[measure(seconds)]
    waited: Duration,
    #[label]
    trade: Trade,
    #[label]
    urgent: bool,
    note: Note,
    text: &'a str,
    #[field(debug)]
    quoted: &'a str,
    maybe: Option<i32>,
    #[field(skip)]
    _receipt: T,
}

fn released() -> Released<'static, Vec<u8>> {
    Released {
        contractor_id: 7,
        amount: Cents(12050),
        waited: Duration::from_millis(250),
        trade: Trade::Roofing,
        urgent: true,
        note: Note("x"),
        text: "plain",
        quoted: "q",
        maybe: None,
        _receipt: vec![1],
    }
}

#[test]
fn an_event_is_a_log_record_a_counter_and_its_measures() {
    let seen = seen(|| released().emit());
    assert_eq!(
        seen.events,
        [concat!(
            "INFO event_tests.released contractor_id=7 amount=120.50 waited=250ms trade=roofing urgent=true ",
            "note=Note(\"x\") text=\"plain\" quoted=\"q\""
        )]
    );
    let mut metrics = seen.metrics;
    metrics.sort();
    assert_eq!(
        metrics,
        [
            "event_tests.released.amount{trade=roofing,urgent=true} <- 120.5",
            "event_tests.released.waited{trade=roofing,urgent=true} <- 0.25",
            "event_tests.released{trade=roofing,urgent=true} += 1",
        ]
    );
}

#[test]
fn the_declaration_is_available_at_run_time() {
    let site = Released::<()>::site();
    let spec = site.spec();
    assert_eq!(
        (spec.name, spec.help, spec.owner),
        ("event_tests.released", "Money left escrow.", "payments")
    );
    assert_eq!(
        spec.fields,
        [
            "contractor_id",
            "amount",
            "waited",
            "trade",
            "urgent",
            "note",
            "text",
            "quoted",
            "maybe"
        ]
    );
    assert!(spec.file.ends_with("it/events.rs"), "{}", spec.file);
    assert_eq!(spec.line, ABOVE + 4);
    assert_eq!(
        (spec.budget, site.counter().spec().help),
        (2_000, "Money left escrow.")
    );
}

#[business_event("event_tests.nothing")]
struct Nothing;

#[test]
fn a_unit_struct_is_an_event_without_fields() {
    let seen = seen(|| Nothing.emit());
    assert_eq!(seen.events, ["INFO event_tests.nothing"]);
    assert_eq!(seen.metrics, ["event_tests.nothing{} += 1"]);
}

#[business_event("event_tests.signed_in", allow_sensitive)]
struct SignedIn {
    token_id: u8,
    r#type: &'static str,
}

#[test]
fn allow_sensitive_permits_secret_names() {
    let seen = seen(|| {
        SignedIn {
            token_id: 1,
            r#type: "sso",
        }
        .emit()
    });
    assert_eq!(
        seen.events,
        ["INFO event_tests.signed_in token_id=1 type=\"sso\""]
    );
}

#[test]
fn a_measure_that_is_not_a_number_is_left_out() {
    struct Odd;
    impl std::fmt::Display for Odd {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("many")
        }
    }
    #[business_event("event_tests.odd")]
    struct Counted {
        #[measure(items)]
        parts: Odd,
        #[measure]
        label: f32,
    }
    let seen = seen(|| {
        Counted {
            parts: Odd,
            label: 0.5,
        }
        .emit()
    });
    assert_eq!(seen.events, ["INFO event_tests.odd parts=many label=0.5"]);
    assert!(
        seen.metrics
            .contains(&"event_tests.odd.label{} <- 0.5".to_owned()),
        "{seen:?}"
    );
    assert!(
        !seen
            .metrics
            .iter()
            .any(|line| line.contains("parts") && line.contains("NaN")),
        "{seen:?}"
    );
}

#[test]
fn label_values_select_the_series() {
    let seen = seen(|| {
        released().emit();
        Released {
            trade: Trade::Plumbing,
            urgent: false,
            ..released()
        }
        .emit();
    });
    let counts: Vec<_> = seen
        .metrics
        .iter()
        .filter(|line| line.ends_with("+= 1"))
        .collect();
    assert_eq!(
        counts,
        [
            "event_tests.released{trade=roofing,urgent=true} += 1",
            "event_tests.released{trade=plumbing,urgent=false} += 1",
        ]
    );
}
