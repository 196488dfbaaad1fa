//! Errors behind pointers and contexts, in tuples, and of other libraries.

use instrumental::testing::{self, Seen};
use instrumental::{Outcome, capture_error, capture_errors, traced};
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::io;
use std::num::ParseIntError;
use std::rc::Rc;
use std::sync::Arc;

/// An error with a source.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the settings")]
struct SettingsError {
    #[source]
    port: ParseIntError,
}

fn settings_error() -> SettingsError {
    let port = "80a".parse::<u16>().expect_err("no number");
    SettingsError { port }
}

const BAD_NUMBER: &str = "invalid digit found in string";

#[derive(Debug, thiserror::Error, Outcome)]
enum LedgerError {
    #[error("no such entry")]
    #[outcome(expected)]
    NoEntry,
    #[error("the sums differ")]
    #[outcome(fatal)]
    SumsDiffer,
}

/// The telemetry of one call.
fn seen(call: impl FnOnce()) -> Seen {
    testing::capture(call).1
}

fn ignore<T>(_: &T) {}

/// Label, type, text and chain of the only report.
#[track_caller]
fn reported(call: impl FnOnce()) -> (&'static str, &'static str, String, Vec<String>) {
    let seen = seen(call);
    let reports: Vec<_> = seen.reports().cloned().collect();
    assert_eq!(reports.len(), 1, "{seen}");
    let report = reports[0].clone();
    (report.label, report.type_name, report.text, report.chain)
}

#[capture_errors]
fn with_anyhow() -> anyhow::Result<()> {
    use anyhow::Context as _;
    Err(settings_error())
        .context("cannot start")
        .context("no service")
}

#[capture_errors]
fn with_eyre() -> eyre::Result<()> {
    use eyre::WrapErr as _;
    Err(settings_error()).wrap_err("cannot start")
}

#[capture_errors]
async fn with_anyhow_later() -> Result<(), anyhow::Error> {
    tokio::task::yield_now().await;
    Err(anyhow::Error::new(io::Error::other("disk full")).context("cannot save"))
}

#[test]
fn f15_an_error_with_context_has_its_chain_and_the_type_of_its_root() {
    let (label, type_name, text, chain) = reported(|| drop(with_anyhow()));
    assert_eq!((label, text.as_str()), ("ParseIntError", "no service"));
    assert!(type_name.ends_with("::ParseIntError"), "{type_name}");
    let expected = ["cannot start", "cannot read the settings", BAD_NUMBER];
    assert_eq!(chain, expected);
    let (label, _, text, chain) = reported(|| drop(with_eyre()));
    assert_eq!((label, text.as_str()), ("ParseIntError", "cannot start"));
    assert_eq!(chain, ["cannot read the settings", BAD_NUMBER]);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let (label, type_name, text, chain) = reported(|| drop(runtime.block_on(with_anyhow_later())));
    assert_eq!((label, text.as_str()), ("io::error::Error", "cannot save"));
    assert_eq!(type_name, "std::io::error::Error");
    assert_eq!(chain, ["disk full"]);
}

/// One function for each way to hold an error.
macro_rules! holders {
    ($($name:ident: $ty:ty = $make:expr;)*) => {$(
        #[capture_errors]
        fn $name() -> Result<(), $ty> {
            Err($make)
        }
    )*};
}

trait Coded: Error {}
impl Coded for SettingsError {}

fn leaked() -> &'static SettingsError {
    Box::leak(Box::new(settings_error()))
}

holders! {
    boxed_dyn: Box<dyn Error> = settings_error().into();
    boxed_dyn_send: Box<dyn Error + Send> = Box::new(settings_error());
    boxed_dyn_sync: Box<dyn Error + Send + Sync> = settings_error().into();
    boxed_twice: Box<Box<dyn Error>> = Box::new(settings_error().into());
    shared_dyn: Arc<dyn Error + Send + Sync> = Arc::new(settings_error());
    counted_dyn: Rc<dyn Error> = Rc::new(settings_error());
    shared_anyhow: Arc<anyhow::Error> = Arc::new(settings_error().into());
    counted_anyhow: Rc<anyhow::Error> = Rc::new(settings_error().into());
    borrowed_dyn: &'static (dyn Error + Send + Sync) = leaked();
    boxed_coded: Box<dyn Coded> = Box::new(settings_error());
    boxed: Box<SettingsError> = Box::new(settings_error());
    shared: Arc<SettingsError> = Arc::new(settings_error());
    counted: Rc<SettingsError> = Rc::new(settings_error());
    borrowed: &'static SettingsError = leaked();
    beside: (u16, SettingsError) = (500, settings_error());
    beside_dyn: (u16, Box<dyn Error>) = (500, settings_error().into());
    beside_two: (u16, &'static str, anyhow::Error) = (500, "x", settings_error().into());
    io_error: Box<dyn Error + Send + Sync> = io::Error::other("disk full").into();
    text: Box<dyn Error> = "just a text".into();
    anyhow_text: anyhow::Error = anyhow::anyhow!("just a text");
}

#[test]
fn f15_pointers_are_followed_to_their_error() {
    // A known type is the label; for a type-erased error, the type of its root is.
    let calls: [(fn(), &str); 17] = [
        (|| drop(boxed_dyn_sync()), "ParseIntError"),
        (|| drop(boxed_twice()), "ParseIntError"),
        (|| drop(shared_dyn()), "ParseIntError"),
        (|| drop(counted_dyn()), "ParseIntError"),
        (|| drop(shared_anyhow()), "ParseIntError"),
        (|| drop(counted_anyhow()), "ParseIntError"),
        (|| ignore(&borrowed_dyn()), "ParseIntError"),
        (|| drop(boxed_coded()), "ParseIntError"),
        (|| drop(beside_dyn()), "ParseIntError"),
        (|| drop(beside_two()), "ParseIntError"),
        (|| drop(boxed()), "SettingsError"),
        (|| drop(shared()), "SettingsError"),
        (|| drop(counted()), "SettingsError"),
        (|| ignore(&borrowed()), "SettingsError"),
        (|| drop(beside()), "SettingsError"),
        (|| drop(boxed_dyn()), "ParseIntError"),
        (|| drop(boxed_dyn_send()), "ParseIntError"),
    ];
    for (at, (call, label)) in calls.into_iter().enumerate() {
        let (found, _, text, chain) = reported(call);
        assert_eq!(found, label, "{at}");
        assert_eq!(text, "cannot read the settings", "{at}");
        assert_eq!(chain, [BAD_NUMBER], "{at}");
    }
    let of = |call: fn()| {
        let (label, type_name, text, chain) = reported(call);
        assert!(chain.is_empty(), "{chain:?}");
        (label, type_name, text)
    };
    let full = "std::io::error::Error";
    assert_eq!(
        of(|| drop(io_error())),
        ("io::error::Error", full, "disk full".into())
    );
    assert_eq!(of(|| drop(text())).0, "dyn Error");
    assert_eq!(of(|| drop(anyhow_text())).0, "anyhow::Error");
}

#[test]
fn f15_capture_error_uses_the_type_of_the_root() {
    let error: Box<dyn Error> = settings_error().into();
    let (label, _, _, chain) = reported(|| capture_error(&*error).send());
    assert_eq!(
        (label, chain),
        ("ParseIntError", vec![BAD_NUMBER.to_owned()])
    );
}

#[capture_errors]
#[traced]
fn ledger_in_anyhow(fatal: bool) -> anyhow::Result<()> {
    let error = if fatal {
        LedgerError::SumsDiffer
    } else {
        LedgerError::NoEntry
    };
    Err(anyhow::Error::new(error).context("cannot book"))
}

#[test]
fn f15_a_classified_error_is_recognized_inside_a_type_erased_error() {
    let found = seen(|| drop((ledger_in_anyhow(false), ledger_in_anyhow(true))));
    let reports: Vec<_> = found.reports().collect();
    assert_eq!(reports.len(), 1, "{found}");
    let report = reports[0];
    assert_eq!(
        (report.label, report.level),
        ("sums_differ", instrumental::Level::Fatal)
    );
    for labels in [
        [("error", "no_entry"), ("class", "expected")],
        [("error", "sums_differ"), ("class", "fatal")],
    ] {
        assert_eq!(found.counter("function.errors", &labels), 1, "{labels:?}");
    }
}

/// Its `Debug` calls annotated code, and its `source` panics.
struct Evil;
impl Display for Evil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("evil")
    }
}
impl Debug for Evil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        innocent();
        f.write_str("Evil")
    }
}
impl Error for Evil {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        panic!("of the source")
    }
}
#[traced]
fn innocent() {}

#[capture_errors]
fn evil() -> Result<(), Box<dyn Error>> {
    Err(Evil.into())
}
#[capture_errors]
fn evil_further_out() -> Result<(), Box<dyn Error>> {
    evil()
}

#[test]
fn f15_the_code_of_an_error_cannot_break_its_report() {
    let (_, _, text, _) = reported(|| drop(evil_further_out()));
    assert_eq!(text, "evil");
}
