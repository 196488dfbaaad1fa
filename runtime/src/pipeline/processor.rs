//! Change, drop or count what the program reports, before any backend gets it.
//!
//! A [`Processor`] sees every span, error, log record and business event once, on telemetry's own thread, before the
//! console, files, the live view, exporters and every other backend.
//!
//! ```no_run
//! use instrumental::processor::{Decision, Item, Processor};
//!
//! struct NoHealthChecks;
//!
//! impl Processor for NoHealthChecks {
//!     fn process(&mut self, item: &mut Item<'_>) -> Decision {
//!         match item {
//!             Item::Span(span) if span.name() == "GET /health" => Decision::Drop,
//!             _ => Decision::Keep,
//!         }
//!     }
//! }
//!
//! let telemetry = instrumental::builder().processor(NoHealthChecks).init()?;
//! # Ok::<(), instrumental::SetupError>(())
//! ```
//!
//! Metrics are not among the items: their labels are declared, and hold no data of a request. What a name or a label
//! holds that is written in the program (`&'static str`) is not passed to [`Item::redact`].

pub use super::span::FinishedSpan as Span;
pub use crate::model::record::{EventRecord, LogRecord, Report as ErrorRecord, ReportKind};

use crate::base::builder::Builder;
use crate::base::drop_counts;
use crate::base::settings::ConfigErrors;
use crate::base::sync::lock;
use crate::model::drop_reason::DropReason;
use crate::model::record::Record;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

/// Sees everything that is reported, before any backend.
///
/// Processors run in the order in which they were given, on one background thread: a call of the program is never slower
/// for them. One that panics loses what it was given, so that nothing leaves unprocessed: [`lost`](crate::lost()) counts it
/// as `processor_panicked`, and the next item is processed again. What a processor itself reports is not recorded.
///
/// See the [module](self) for an example.
pub trait Processor: Send {
    /// Looks at an item, and may change it. An item that is dropped is not passed on: [`lost`](crate::lost()) counts it as
    /// `processor_dropped`. The spans within a span that is dropped keep it as their parent.
    fn process(&mut self, item: &mut Item<'_>) -> Decision;
}

/// What becomes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is passed on.
    Keep,
    /// It is dropped, and counted.
    Drop,
}

/// Something that was reported.
#[non_exhaustive]
pub enum Item<'a> {
    /// A span that has ended. Its events and its error were items before.
    Span(&'a mut Span),
    /// An error, a message, a panic or a slow call.
    Error(&'a mut ErrorRecord),
    /// A log record.
    Log(&'a mut LogRecord),
    /// A business event.
    Event(&'a mut EventRecord),
}

impl Item<'_> {
    /// Passes every text of the item that holds data of the program to `replace`, and stores what it returns; `None` leaves
    /// a text as it is. Numbers are passed as texts.
    ///
    /// ```
    /// use instrumental::processor::{Decision, Item, Processor};
    ///
    /// struct Scrub;
    ///
    /// impl Processor for Scrub {
    ///     fn process(&mut self, item: &mut Item<'_>) -> Decision {
    ///         item.redact(|text| text.contains("4111").then(|| "[card]".to_owned()));
    ///         Decision::Keep
    ///     }
    /// }
    /// ```
    pub fn redact(&mut self, replace: impl FnMut(&str) -> Option<String>) {
        match self {
            Self::Span(span) => span.redact(replace),
            Self::Error(error) => error.redact(replace),
            Self::Log(log) => log.redact(replace),
            Self::Event(event) => event.redact(replace),
        }
    }
}

/// A processor that the program gave. Clones of its builder share it, and the first that starts takes it.
#[derive(Clone)]
struct Given(Arc<Mutex<Option<Box<dyn Processor>>>>);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Processor")
    }
}

impl Builder {
    /// Adds a processor, which sees everything that is reported before any backend does: see
    /// [`processor`](crate::processor).
    ///
    /// ```no_run
    /// use instrumental::processor::{Decision, Item, Processor};
    ///
    /// struct Scrub;
    ///
    /// impl Processor for Scrub {
    ///     fn process(&mut self, item: &mut Item<'_>) -> Decision {
    ///         item.redact(|text| text.contains('@').then(|| "[address]".to_owned()));
    ///         Decision::Keep
    ///     }
    /// }
    ///
    /// let telemetry = instrumental::builder().processor(Scrub).init()?;
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    pub fn processor(mut self, processor: impl Processor + 'static) -> Self {
        let processor: Box<dyn Processor> = Box::new(processor);
        self.given.add(Given(Arc::new(Mutex::new(Some(processor)))));
        self
    }
}

/// The processors that run, in order.
pub(crate) struct Processors(Vec<Box<dyn Processor>>);

impl Processors {
    /// Takes the processors out of a builder.
    pub(crate) fn take(builder: &Builder, errors: &mut ConfigErrors) -> Self {
        let mut processors = Vec::new();
        for given in builder.given.all::<Given>() {
            match lock(&given.0).take() {
                Some(processor) => processors.push(processor),
                None => errors.part(
                    "a processor of a cloned builder is in use already: give each builder a processor of its own",
                ),
            }
        }
        Self(processors)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a span is kept.
    pub(super) fn span(&mut self, span: &mut Span) -> bool {
        self.process(&mut Item::Span(span))
    }

    /// Whether a record is kept.
    pub(super) fn record(&mut self, record: &mut Record) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let item = match record {
            Record::Event(event) => Arc::get_mut(event).map(Item::Event),
            Record::Report(report) => Arc::get_mut(report).map(Item::Error),
            Record::Log(log) => Some(Item::Log(log)),
            // It leaves with its span, and is processed with that.
            Record::Incoming(..) => return true,
        };
        match item {
            Some(mut item) => self.process(&mut item),
            // Shared, so that it cannot be changed: it does not leave.
            None => dropped(DropReason::ProcessorDropped),
        }
    }

    fn process(&mut self, item: &mut Item<'_>) -> bool {
        for processor in &mut self.0 {
            let decision = catch_unwind(AssertUnwindSafe(|| processor.process(item)));
            match decision {
                Ok(Decision::Keep) => {}
                Ok(Decision::Drop) => return dropped(DropReason::ProcessorDropped),
                Err(_) => return dropped(DropReason::ProcessorPanicked),
            }
        }
        true
    }
}

fn dropped(reason: DropReason) -> bool {
    drop_counts::add(reason, 1);
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::Outcome;
    use crate::pipeline::example;

    struct Panics;

    impl Processor for Panics {
        fn process(&mut self, item: &mut Item<'_>) -> Decision {
            if let Item::Span(span) = item {
                span.set_attribute("seen", true);
            }
            panic!("no item is good enough")
        }
    }

    struct Rename(&'static str);

    impl Processor for Rename {
        fn process(&mut self, item: &mut Item<'_>) -> Decision {
            let Item::Span(span) = item else {
                return Decision::Drop;
            };
            span.set_name(&format!("{} {}", span.name(), self.0));
            Decision::Keep
        }
    }

    fn given(builder: &Builder) -> (Processors, usize) {
        let mut errors = ConfigErrors::default();
        let processors = Processors::take(builder, &mut errors);
        (processors, errors.0.len())
    }

    fn count(reason: DropReason) -> u64 {
        let lost = drop_counts::lost().into_iter();
        lost.filter(|(known, _)| *known == reason)
            .map(|(_, count)| count)
            .sum()
    }

    #[test]
    fn processors_run_in_order_and_start_once() {
        let builder = Builder::default()
            .processor(Rename("one"))
            .processor(Rename("two"));
        let (mut processors, errors) = given(&builder);
        assert_eq!(errors, 0);
        let mut span = example(1, 2, 0, Outcome::Ok, true);
        assert!(processors.span(&mut span));
        assert_eq!(span.name(), "example one two");
        let (second, errors) = given(&builder.clone());
        assert!(second.is_empty());
        assert_eq!(errors, 2);
    }

    #[test]
    fn what_a_processor_panics_at_is_dropped_and_counted() {
        let (mut processors, _) = given(&Builder::default().processor(Panics));
        let before = count(DropReason::ProcessorPanicked);
        for _ in 0..2 {
            let mut span = example(1, 2, 0, Outcome::Ok, true);
            assert!(!processors.span(&mut span));
        }
        assert_eq!(count(DropReason::ProcessorPanicked), before + 2);
    }

    #[test]
    fn attributes_are_set_replaced_removed_and_redacted() {
        let mut span = example(1, 2, 0, Outcome::Ok, true);
        span.set_attribute("a", "one");
        span.set_attribute("b", 2_u64);
        span.set_attribute("a", -1);
        span.set_attribute("c", 0.5);
        span.remove_attribute("c");
        span.redact(|text| (text == "2").then(|| "two".to_owned()));
        let attributes = span.attributes();
        assert_eq!(attributes, [("b", "two".into()), ("a", (-1).into())]);
        for name in ["x", "y"] {
            for n in 0..100_u64 {
                span.set_attribute(name, n);
            }
        }
        assert_eq!(span.attribute("y"), Some(99_u64.into()));
        assert_eq!(span.attributes().len(), 4);
    }
}
