//! Texts of errors. The values' own code may panic, write much or never end.

use crate::base::internal_thread::guarded;
use crate::collect::dropped;
use crate::collect::report::kind::{self, MAX_SOURCES};
use crate::model::cut::cut;
use crate::model::drop_reason::DropReason;
use crate::model::fault::FaultValue;
use crate::model::record::Source;
use std::cell::RefCell;
use std::error::Error;
use std::fmt::{self, Arguments, Write};
use std::sync::Arc;

/// Maximum length of an error's text, in bytes. Sentry truncates messages at 8,192 characters.
const MAX_TEXT: usize = 8192;
/// Appended to a truncated text.
const CUT: &str = "…";

thread_local! {
    /// Buffer into which texts are formatted, so that each text is allocated once, at its final length.
    static SCRATCH: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A writer that fails when it is full, so that a text of 10 MB costs no more than its first 8 KiB.
struct Bounded<'a> {
    text: &'a mut String,
    full: bool,
}

impl Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.full {
            return Err(fmt::Error);
        }
        let fits = cut(text, MAX_TEXT - self.text.len());
        self.text.push_str(fits);
        if fits.len() < text.len() {
            self.text.push_str(CUT);
            self.full = true;
            return Err(fmt::Error);
        }
        Ok(())
    }
}

/// Returns the text of an error and its sources.
pub(super) fn describe(value: FaultValue<'_>) -> (Arc<str>, Vec<Source>) {
    match value {
        FaultValue::Error(error) => (text(format_args!("{error}")), sources(error)),
        FaultValue::Dynamic(error) => (text(format_args!("{error}")), sources(error)),
        FaultValue::Within(within) => {
            let mut found = <_>::default();
            let show = || {
                within.with(&mut |error| found = (text(format_args!("{error}")), sources(error)));
            };
            if guarded(show).is_err() {
                dropped::count(DropReason::FieldPanicked);
            }
            found
        }
        FaultValue::Display(value) => (text(format_args!("{value}")), Vec::new()),
        FaultValue::Debug(value) => (text(format_args!("{value:?}")), Vec::new()),
        FaultValue::Opaque => (Arc::default(), Vec::new()),
    }
}

/// Returns an error's sources, outermost first.
pub(super) fn sources<E: Error + ?Sized>(error: &E) -> Vec<Source> {
    let mut chain = Vec::new();
    let follow = || {
        let mut next = error.source();
        while let Some(source) = next {
            if chain.len() == MAX_SOURCES {
                break;
            }
            chain.push(Source {
                type_name: kind::type_of(source).unwrap_or_default(),
                text: text(format_args!("{source}")),
            });
            next = source.source();
        }
    };
    if guarded(follow).is_err() {
        dropped::count(DropReason::FieldPanicked);
    }
    chain
}

/// Formats a text and truncates it if it is too long. No lock is held while the value's own code runs.
pub(super) fn text<T: for<'a> From<&'a str>>(value: Arguments<'_>) -> T {
    // A value whose own code reports an error re-enters this function, and gets a buffer of its own.
    let scratch = |then: &mut dyn FnMut(&mut String)| {
        let _ =
            SCRATCH.try_with(|scratch| scratch.try_borrow_mut().map(|mut text| then(&mut text)));
    };
    let mut buffer = String::new();
    scratch(&mut |kept| std::mem::swap(kept, &mut buffer));
    buffer.clear();
    let mut out = Bounded {
        text: &mut buffer,
        full: false,
    };
    let text = match guarded(|| out.write_fmt(value)) {
        Ok(Err(_)) if !out.full => Err(()),
        Ok(_) => Ok(T::from(&buffer)),
        Err(_) => Err(()),
    };
    scratch(&mut |kept| std::mem::swap(kept, &mut buffer));
    text.unwrap_or_else(|()| {
        dropped::count(DropReason::FieldPanicked);
        T::from("<panicked>")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::{Display, Formatter};

    /// Displays what its function writes.
    struct By<F>(F);

    impl<F: Fn(&mut Formatter<'_>) -> fmt::Result> Display for By<F> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            (self.0)(f)
        }
    }

    #[test]
    fn long_texts_are_cut() {
        let long: String = text(format_args!("{}", "é".repeat(MAX_TEXT)));
        assert_eq!(long.len(), MAX_TEXT + CUT.len());
        assert!(long.ends_with("é…"));
        let whole: String = text(format_args!("{}", "x".repeat(MAX_TEXT)));
        assert_eq!(whole, "x".repeat(MAX_TEXT));
    }

    #[test]
    fn a_writer_that_ignores_the_limit_is_cut_as_well() {
        let stubborn = By(|f: &mut Formatter<'_>| {
            for _ in 0..3 {
                let _ = f.write_str(&"x".repeat(MAX_TEXT));
            }
            Ok(())
        });
        let cut: String = text(format_args!("{stubborn}"));
        assert_eq!(cut.len(), MAX_TEXT + CUT.len());
    }

    #[test]
    fn failing_and_nested_values_do_not_affect_other_texts() {
        let fails = By(|f: &mut Formatter<'_>| f.write_str("half").and(Err(fmt::Error)));
        assert_eq!(text::<String>(format_args!("{fails}")), "<panicked>");
        let nested = By(|f: &mut Formatter<'_>| {
            f.write_str("outer ")?;
            f.write_str(&text::<String>(format_args!("inner")))
        });
        assert_eq!(text::<String>(format_args!("{nested}")), "outer inner");
        assert_eq!(&*text::<Arc<str>>(format_args!("after")), "after");
    }
}
