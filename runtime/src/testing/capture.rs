//! The tap of a test.

use super::heard::{Begun, Heard};
use super::metric::Number;
use super::seen::Seen;
use super::seen_items::{Event, Item, Log, Report, Span};
use crate::base::sync::lock;
use crate::base::{clock, reentry};
use crate::collect::capture::Tap;
use crate::collect::dispatch;
use crate::collect::subscriber::Pipeline;
use crate::collect::throttle::Throttle;
use crate::collect::trace::frame;
use crate::model::change::Change;
use crate::model::drop_reason::DropReason;
use crate::model::fields::Fields;
use crate::model::record::Record;
use crate::model::site::Series;
use crate::model::span::{SpanEnd, SpanStart};
use std::sync::{Arc, Mutex, OnceLock};
use tracing::Dispatch;

/// Everything reported where it is put. Sites know of a test for as long as this lives, which may be longer than the
/// test: a task that outlives it reports to nobody.
pub(super) struct Capture {
    heard: Mutex<Heard>,
    throttle: Throttle,
}

impl Capture {
    pub(super) fn new() -> Arc<Self> {
        dispatch::add_tap();
        Arc::new(Self {
            heard: Mutex::default(),
            throttle: Throttle::new(),
        })
    }

    /// What was reported; nothing is added to it afterwards.
    pub(super) fn seen(&self) -> Seen {
        let heard = std::mem::take(&mut *lock(&self.heard));
        Seen::new(heard)
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        dispatch::remove_tap();
    }
}

impl Tap for Capture {
    fn start(&self, start: SpanStart, fields: Fields) {
        let _mark = reentry::mark();
        let mut heard = lock(&self.heard);
        let heard = &mut *heard;
        if let Some(begun) = heard.spans.get_mut(&start.span) {
            begun.fields.extend(&fields);
            if let Some(Item::Span(span)) = heard.items.get_mut(begun.item) {
                span.set_fields(&begun.fields);
            }
        } else if !start.later {
            let item = heard.items.len();
            heard.items.push(Item::Span(Span::begun(&start, &fields)));
            heard.spans.insert(start.span, Begun { item, fields });
        }
    }

    fn end(&self, end: SpanEnd) {
        let _mark = reentry::mark();
        let mut heard = lock(&self.heard);
        let Some(begun) = heard.spans.remove(&end.span) else {
            return;
        };
        let item = &mut heard.items[begun.item];
        if end.is(frame::VOID) {
            *item = Item::Nothing;
        } else if let Item::Span(span) = item {
            span.end(&end, clock::duration(end.start, end.end));
        }
    }

    fn metric(&self, series: &'static Series, change: Change) {
        let finite = match change {
            Change::Add(_) => true,
            Change::Set(value) | Change::Adjust(value) | Change::Record(value) => value.is_finite(),
        };
        if !finite {
            return self.lost(DropReason::NotFinite);
        }
        let _mark = reentry::mark();
        let mut heard = lock(&self.heard);
        let known = heard
            .metrics
            .iter_mut()
            .find(|(known, _)| std::ptr::eq(*known, series));
        match known {
            Some((_, number)) => number.change(change),
            None => {
                let mut number = Number::of(series);
                number.change(change);
                heard.metrics.push((series, number));
            }
        }
    }

    fn record(&self, record: Record) {
        let _mark = reentry::mark();
        let item = match record {
            Record::Event(event) => Item::Event(Event::new(&event)),
            Record::Report(report) => Item::Report(Report::new(&report)),
            Record::Log(log) => Item::Log(Log::new(&log)),
            Record::Incoming(..) => return,
        };
        lock(&self.heard).items.push(item);
    }

    fn lost(&self, reason: DropReason) {
        let _mark = reentry::mark();
        let mut heard = lock(&self.heard);
        match heard.lost.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => heard.lost.push((reason, 1)),
        }
    }

    fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    fn dispatch(&self) -> &Dispatch {
        static DISPATCH: OnceLock<Dispatch> = OnceLock::new();
        DISPATCH.get_or_init(|| Dispatch::new(Pipeline::new(Box::new(|_| true))))
    }
}
