//! The tap that records what a test reports.

use super::items::{Event, Item, Log, Report, Span};
use super::metric::SeriesValue;
use super::recording::{OpenSpan, Recording};
use super::seen::Seen;
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

/// Records everything that is reported on the threads and tasks that carry it.
///
/// Sites report to taps as long as one exists. A task may keep this one alive after the test; what it reports then is
/// discarded.
pub(super) struct Capture {
    recording: Mutex<Recording>,
    throttle: Throttle,
}

impl Capture {
    pub(super) fn new() -> Arc<Self> {
        dispatch::add_tap();
        Arc::new(Self {
            recording: Mutex::default(),
            throttle: Throttle::new(),
        })
    }

    /// Returns what was reported until now.
    pub(super) fn seen(&self) -> Seen {
        let recording = std::mem::take(&mut *lock(&self.recording));
        Seen::new(recording)
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
        let mut recording = lock(&self.recording);
        let recording = &mut *recording;
        if let Some(open) = recording.spans.get_mut(&start.span) {
            open.fields.extend(&fields);
            if let Some(Item::Span(span)) = recording.items.get_mut(open.item) {
                span.set_fields(&open.fields);
            }
        } else if !start.later {
            let item = recording.items.len();
            recording
                .items
                .push(Item::Span(Span::begin(&start, &fields)));
            recording
                .spans
                .insert(start.span, OpenSpan { item, fields });
        }
    }

    fn end(&self, end: SpanEnd) {
        let _mark = reentry::mark();
        let mut recording = lock(&self.recording);
        let Some(open) = recording.spans.remove(&end.span) else {
            return;
        };
        let item = &mut recording.items[open.item];
        if end.is(frame::VOID) {
            *item = Item::Discarded;
        } else if let Item::Span(span) = item {
            span.end(&end, clock::duration(end.start, end.end));
        }
    }

    fn metric(&self, series: &'static Series, change: Change) {
        let is_finite = match change {
            Change::Add(_) => true,
            Change::Set(value) | Change::Adjust(value) | Change::Record(value) => value.is_finite(),
        };
        if !is_finite {
            return self.lost(DropReason::NotFinite);
        }
        let _mark = reentry::mark();
        let mut recording = lock(&self.recording);
        let known = recording
            .metrics
            .iter_mut()
            .find(|(known, _)| std::ptr::eq(*known, series));
        match known {
            Some((_, value)) => value.change(change),
            None => {
                let mut value = SeriesValue::of(series);
                value.change(change);
                recording.metrics.push((series, value));
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
        lock(&self.recording).items.push(item);
    }

    fn lost(&self, reason: DropReason) {
        let _mark = reentry::mark();
        let mut recording = lock(&self.recording);
        match recording
            .lost
            .iter_mut()
            .find(|(known, _)| *known == reason)
        {
            Some((_, count)) => *count += 1,
            None => recording.lost.push((reason, 1)),
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
