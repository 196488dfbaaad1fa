//! Annotated calls in a hook of panics, and in what a thread drops as it ends.

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
fn last_words(place: &'static str) -> Result<String, String> {
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

/// The hook runs while the call that panics is on the stack, and with values of its own.
pub(crate) fn panic_hook() -> Result<(), Box<dyn Error>> {
    std::panic::set_hook(Box::new(|_| {
        let _ = last_words("hook");
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
    // Of ten panics and of ten values that panic.
    assert_eq!(count("places.done", ("place", "hook")), 20);
    assert_eq!(count("function.duration", ("function", "last_words")), 20);
    assert_eq!(count("function.duration", ("outcome", "panicked")), 10);
    Ok(())
}

struct Bad;

impl std::fmt::Display for Bad {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("in Display")
    }
}

/// Reports as its thread ends.
struct Late(&'static str);

impl Drop for Late {
    fn drop(&mut self) {
        for _ in 0..70 {
            let _ = last_words(self.0);
        }
    }
}

thread_local! {
    static FIRST: RefCell<Option<Late>> = const { RefCell::new(None) };
    static LAST: RefCell<Option<Late>> = const { RefCell::new(None) };
}

/// Some are dropped before what telemetry keeps for the thread, and some after it.
pub(crate) fn thread_exit(let_it: &dyn Fn(u8), all: &[u8]) -> Result<(), Box<dyn Error>> {
    let telemetry = instrumental::init()?;
    for does in all {
        let_it(*does);
        let begun = std::thread::spawn(|| {
            FIRST.set(Some(Late("first")));
            let _ = last_words("alive");
            LAST.set(Some(Late("last")));
        });
        // Nothing is reported before its end.
        let only_late = std::thread::spawn(|| FIRST.set(Some(Late("only"))));
        let ended = (begun.join(), only_late.join());
        let_it(0);
        assert!(matches!(ended, (Ok(()), Ok(()))));
    }
    telemetry.flush(Duration::from_secs(5))?;
    let all = all.len() as u64;
    for (place, times) in [("first", 70), ("last", 70), ("only", 70), ("alive", 1)] {
        assert_eq!(
            count("places.done", ("place", place)),
            times * all,
            "{place}"
        );
    }
    let calls = count("function.duration", ("function", "last_words"));
    assert_eq!(calls, 211 * all);
    assert_eq!(count("function.in_flight", ("function", "last_words")), 0);
    Ok(())
}
