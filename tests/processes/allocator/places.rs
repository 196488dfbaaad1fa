//! Annotated calls in a panic hook and in destructors of thread locals.

use instrumental::{
    SampleValue, business_event, capture_errors, catalog, samples, set_tag, traced,
};
use std::cell::RefCell;
use std::error::Error;
use std::time::Duration;

#[catalog(name = "places")]
#[allow(unreachable_pub)]
mod own {
    /// Things done.
    pub fn done(place: &'static str) -> Counter;
}

#[business_event("places.left")]
struct Left {
    place: &'static str,
}

#[traced(place, slow = "1h", in_flight)]
#[capture_errors]
fn reports_everything(place: &'static str) -> Result<String, String> {
    set_tag("place", place);
    own::done(place).increment(1);
    Left { place }.emit();
    inner(place)
}

#[traced(fields(text = place.to_owned()))]
fn inner(place: &str) -> Result<String, String> {
    Err(format!("at {place}"))
}

fn count(name: &str, label: (&str, &str)) -> u64 {
    let samples = samples();
    let of = samples.iter().filter(|sample| sample.name() == name);
    let of = of.filter(|sample| sample.label(label.0) == Some(label.1));
    of.map(|sample| match &sample.value {
        SampleValue::Counter(count) => *count,
        SampleValue::Histogram(values) => values.count(),
        SampleValue::Gauge(_) => 0,
    })
    .sum()
}

/// The hook makes annotated calls while the panicking call is on the stack.
pub(crate) fn panic_hook() -> Result<(), Box<dyn Error>> {
    std::panic::set_hook(Box::new(|_| {
        let _ = reports_everything("hook");
    }));
    let telemetry = instrumental::init()?;
    #[traced(fields(shown = Bad))]
    fn panics() {
        panic!("on purpose");
    }
    let calls = std::thread::spawn(|| {
        for _ in 0..10 {
            assert!(std::panic::catch_unwind(panics).is_err());
        }
    });
    assert!(calls.join().is_ok());
    telemetry.flush(Duration::from_secs(5))?;
    // Ten panics of the function and ten of a value's `Display`.
    assert_eq!(count("places.done", ("place", "hook")), 20);
    assert_eq!(
        count("function.duration", ("function", "reports_everything")),
        20
    );
    assert_eq!(count("function.duration", ("outcome", "panicked")), 10);
    Ok(())
}

struct Bad;

impl std::fmt::Display for Bad {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("in Display")
    }
}

/// Makes annotated calls when its thread ends.
struct Late(&'static str);

impl Drop for Late {
    fn drop(&mut self) {
        for _ in 0..70 {
            let _ = reports_everything(self.0);
        }
    }
}

thread_local! {
    static FIRST: RefCell<Option<Late>> = const { RefCell::new(None) };
    static LAST: RefCell<Option<Late>> = const { RefCell::new(None) };
}

/// Some of these thread locals are dropped before those of telemetry, some after them.
pub(crate) fn thread_exit(set_action: &dyn Fn(u8), actions: &[u8]) -> Result<(), Box<dyn Error>> {
    let telemetry = instrumental::init()?;
    for action in actions {
        set_action(*action);
        let begun = std::thread::spawn(|| {
            FIRST.set(Some(Late("first")));
            let _ = reports_everything("alive");
            LAST.set(Some(Late("last")));
        });
        // A thread that reports nothing before its end.
        let only_late = std::thread::spawn(|| FIRST.set(Some(Late("only"))));
        let ended = (begun.join(), only_late.join());
        set_action(0);
        assert!(matches!(ended, (Ok(()), Ok(()))));
    }
    telemetry.flush(Duration::from_secs(5))?;
    let rounds = actions.len() as u64;
    for (place, times) in [("first", 70), ("last", 70), ("only", 70), ("alive", 1)] {
        assert_eq!(
            count("places.done", ("place", place)),
            times * rounds,
            "{place}"
        );
    }
    let calls = count("function.duration", ("function", "reports_everything"));
    assert_eq!(calls, 211 * rounds);
    assert_eq!(
        count("function.in_flight", ("function", "reports_everything")),
        0
    );
    Ok(())
}
