//! Values whose formatting code panics, fails or writes megabytes, in every place that takes a value.

use instrumental::{
    Bounded, Level, LostReason, User, breadcrumb, business_event, capture_error, capture_errors,
    capture_message, catalog, set_tag, set_user, testing, traced,
};
use std::fmt::{self, Display, Formatter};

#[derive(Clone, Copy, Debug)]
enum Hostile {
    Panics,
    Fails,
    /// Writes 10 MiB in pieces of 64 bytes and counts the writes.
    Long,
}

use Hostile::{Fails, Long, Panics};

thread_local! {
    static WRITES: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

impl Display for Hostile {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Panics => panic!("in Display"),
            Fails => f.write_str("half").and(Err(fmt::Error)),
            Long => (0..(10 << 20) / 64).try_for_each(|_| {
                WRITES.set(WRITES.get() + 1);
                f.write_str(&"x".repeat(64))
            }),
        }
    }
}

impl std::error::Error for Hostile {}

struct Text(Hostile);

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        match self.0 {
            Long => Box::leak("é".repeat(5 << 20).into_boxed_str()),
            _ => panic!("in as_ref"),
        }
    }
}

#[traced]
#[capture_errors]
fn request(value: Hostile) -> Result<(), String> {
    set_tag("state", value);
    set_tag(&"k".repeat(10 << 20), 1);
    set_user(User::id(value).email(value).role(value));
    breadcrumb(Text(value));
    Err("failed".into())
}

/// The number of fields that panicked or failed.
fn lost(seen: &testing::Seen) -> u64 {
    let counts = seen.lost().iter();
    counts
        .filter(|(reason, _)| *reason == LostReason::FieldPanicked)
        .map(|(_, count)| count)
        .sum()
}

#[test]
fn f17_request_context_accepts_every_value() {
    for (value, shown, count) in [(Panics, "<panicked>", 5), (Fails, "<failed to format>", 5)] {
        let (out, seen) = testing::capture(|| request(value));
        assert_eq!(out, Err("failed".into()));
        let report = seen.reports().next().expect("a report");
        assert_eq!(report.tag("state"), Some(shown));
        let user = report.user.as_ref().expect("a user");
        assert_eq!(user.get_id(), shown);
        assert_eq!(user.get_email(), Some(shown));
        assert_eq!(user.get_role(), Some(shown));
        assert_eq!(report.breadcrumbs, ["<panicked>"]);
        assert_eq!(lost(&seen), count, "{value:?}");
    }
}

#[test]
fn f17_long_values_are_cut_and_not_copied_whole() {
    WRITES.set(0);
    let (_, seen) = testing::capture(|| request(Long));
    let report = seen.reports().next().expect("a report");
    let tag = report.tag("state").expect("a tag");
    assert!(tag.len() <= 200 && tag.ends_with("x…"), "{tag}");
    assert!(report.tags.iter().all(|(key, _)| key.len() <= 200));
    let user = report.user.as_ref().expect("a user");
    for text in [Some(user.get_id()), user.get_email(), user.get_role()] {
        let text = text.expect("a text");
        assert!(text.len() <= 256 && text.ends_with("x…"), "{text}");
    }
    let crumb = &report.breadcrumbs[0];
    assert!(crumb.len() <= 1024 && crumb.ends_with("é…"), "{crumb}");
    // Formatting stops once the limit is reached.
    assert!(WRITES.get() < 40, "{}", WRITES.get());
    assert_eq!(lost(&seen), 0);
}

#[test]
fn f17_values_are_not_formatted_outside_a_request() {
    let ((), seen) = testing::capture(|| {
        set_tag("state", Panics);
        breadcrumb(Text(Panics));
    });
    assert_eq!(seen.lost(), [(LostReason::NoScope, 2)]);
}

#[test]
fn f17_manual_reports_accept_every_value() {
    for (value, shown) in [(Panics, "<panicked>"), (Fails, "<panicked>")] {
        let ((), seen) = testing::capture(|| {
            capture_message(value, Level::Info);
            capture_error(&value).with("state", value).send();
        });
        let texts: Vec<_> = seen.reports().map(|report| report.text.as_str()).collect();
        assert_eq!(texts, [shown, shown]);
        let manual = seen.report("Hostile");
        assert_eq!(manual.extra, [("state".to_owned(), shown.to_owned())]);
        assert_eq!(lost(&seen), 3);
    }
    let ((), seen) = testing::capture(|| {
        capture_message(Long, Level::Info);
        let mut report = capture_error(&Long).with(&"k".repeat(10 << 20), Long);
        for n in 0..1000 {
            report = report.with("n", n);
        }
        report.send();
    });
    assert!(seen.reports().all(|report| report.text.len() < 9000));
    let manual = seen.report("Hostile");
    assert_eq!(manual.extra.len(), 50);
    let longest = manual
        .extra
        .iter()
        .map(|(key, value)| key.len() + value.len());
    assert!(longest.max() < Some(9000));
    assert_eq!(seen.lost(), [(LostReason::TagLimit, 951)]);
}

#[business_event("hostile.event")]
struct Measured {
    #[measure(usd)]
    amount: Hostile,
    note: Hostile,
}

#[test]
fn f17_an_event_accepts_every_value() {
    for value in [Panics, Fails, Long] {
        let ((), seen) = testing::capture(|| {
            Measured {
                amount: value,
                note: value,
            }
            .emit();
        });
        assert_eq!(seen.counter("hostile.event", &[]), 1);
        let note = seen.event("hostile.event").field("note").expect("a field");
        assert!(note.len() < 5000, "{value:?}");
        let not_finite = seen
            .lost()
            .iter()
            .any(|(reason, _)| *reason == LostReason::NotFinite);
        assert!(not_finite, "{value:?}: {:?}", seen.lost());
    }
}

/// A manual implementation of `Label`.
#[derive(Clone, Copy)]
struct Manual(Hostile);

impl instrumental::Label for Manual {
    const CARDINALITY: usize = 3;
    const DYNAMIC: bool = true;
    fn index(self) -> usize {
        0
    }
    fn value(_: usize) -> &'static str {
        "other"
    }
    fn with_text<R>(self, then: impl FnOnce(&str) -> R) -> R {
        match self.0 {
            Long => then(&"x".repeat(10 << 20)),
            _ => panic!("in with_text"),
        }
    }
}

#[catalog(name = "hostile")]
mod hostile {
    use super::Manual;
    /// Things by a label that panics.
    pub fn things(label: Manual, city: Bounded<5>) -> Counter;
}

#[test]
fn f17_a_label_accepts_every_value() {
    let ((), seen) = testing::capture(|| {
        hostile::things(Manual(Panics), "Springfield".into()).increment(2);
        hostile::things(Manual(Long), "Springfield".into()).increment(3);
    });
    let labels = [("label", "other"), ("city", "other")];
    assert_eq!(seen.counter("hostile.things", &labels), 2);
    let longest = seen.metrics().iter().flat_map(|metric| &metric.labels);
    assert!(longest.map(|(_, value)| value.len()).max() <= Some(200));
    assert_eq!(lost(&seen), 1);
}
