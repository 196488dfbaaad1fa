//! Errors that implement traits for `'static` types only.

use instrumental::{Outcome, capture_errors, testing, traced};
use std::any::Any;
use std::error::Error;
use std::fmt::{self, Debug, Display};

/// The error of a queue: an `Error` for `'static` items only, as in several crates.
#[derive(Debug)]
struct Full<T>(T);
impl<T> Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is full")
    }
}
impl<T: Any + Debug> Error for Full<T> {}

#[capture_errors]
fn push<T: Debug>(value: T) -> Result<(), Full<T>> {
    Err(Full(value))
}
#[capture_errors]
async fn push_later<T: Debug>(value: T) -> Result<(), Full<T>> {
    Err(Full(value))
}

/// Implements `Display` for `'static` only.
#[derive(Debug)]
struct Borrowed<'a>(&'a str);
impl Display for Borrowed<'static> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
impl Error for Borrowed<'static> {}

#[capture_errors]
fn named(text: &str) -> Result<(), Borrowed<'_>> {
    Err(Borrowed(text))
}
#[capture_errors]
fn hidden<'a>(text: &'a str) -> Result<&'a str, Borrowed<'a>> {
    Err(Borrowed(text))
}
#[capture_errors]
fn forever() -> Result<(), Borrowed<'static>> {
    Err(Borrowed("for ever"))
}
#[capture_errors]
fn boxed<'a>(text: &'a str) -> Result<(), Box<dyn Error + 'a>> {
    Err(text.to_owned().into())
}

/// Described according to the `describe` option.
struct Opaque<'a>(&'a str);
impl Display for Opaque<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
impl Debug for Opaque<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opaque({:?})", self.0)
    }
}
impl Error for Opaque<'_> {}

#[capture_errors]
#[traced(describe = error)]
fn described_as_error(text: &str) -> Result<(), Opaque<'_>> {
    Err(Opaque(text))
}
#[capture_errors]
#[traced(describe = display)]
fn described_by_display(text: &str) -> Result<(), Opaque<'_>> {
    Err(Opaque(text))
}
#[capture_errors]
#[traced(describe = debug)]
fn described_by_debug() -> Result<(), Opaque<'static>> {
    Err(Opaque("x"))
}
#[capture_errors]
#[traced(describe = nothing)]
fn not_described() -> Result<(), Opaque<'static>> {
    Err(Opaque("x"))
}

#[derive(Debug, Outcome)]
#[allow(dead_code)]
enum Refused<'a> {
    #[outcome(retry)]
    Busy(&'a str),
}

#[capture_errors]
fn classified(text: &str) -> Result<(), Refused<'_>> {
    Err(Refused::Busy(text))
}
#[capture_errors(ignore(Full(_)))]
#[traced(error_if = |out| out.is_err())]
fn ruled<T: Debug>(value: T) -> Result<(), Full<T>> {
    push(value)
}

/// Labels and texts of the reports.
#[track_caller]
fn reported(call: impl FnOnce()) -> Vec<(&'static str, String)> {
    let (_, seen) = testing::capture(call);
    let reports = seen.reports();
    reports
        .map(|report| (report.label, report.text.clone()))
        .collect()
}

#[test]
fn f18_an_error_is_described_by_the_traits_of_its_lifetime() {
    let local = String::from("local");
    let of = |label, text: &str| vec![(label, text.to_owned())];
    assert_eq!(
        reported(|| drop(push(local.as_str()))),
        of("Full", "Full(\"local\")")
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let later = runtime.expect("a runtime");
    assert_eq!(
        reported(|| drop(later.block_on(push_later(&local)))),
        of("Full", "Full(\"local\")")
    );
    assert_eq!(
        reported(|| drop(named(&local))),
        of("Borrowed", "Borrowed(\"local\")")
    );
    assert_eq!(
        reported(|| drop(hidden(&local))),
        of("Borrowed", "Borrowed(\"local\")")
    );
    assert_eq!(reported(|| drop(forever())), of("Borrowed", "for ever"));
    assert_eq!(
        reported(|| drop(boxed(&local))),
        of("dyn Error", "\"local\"")
    );
    assert_eq!(
        reported(|| drop(classified(&local))),
        of("busy", "Busy(\"local\")")
    );
    assert_eq!(reported(|| drop(ruled(&local))).len(), 1);
}

#[test]
fn f18_the_describe_option_chooses_the_trait() {
    let local = String::from("local");
    let of = |text: &str| vec![("Opaque", text.to_owned())];
    assert_eq!(reported(|| drop(described_as_error(&local))), of("local"));
    assert_eq!(reported(|| drop(described_by_display(&local))), of("local"));
    assert_eq!(reported(|| drop(described_by_debug())), of("Opaque(\"x\")"));
    assert_eq!(reported(|| drop(not_described())), of(""));
}
