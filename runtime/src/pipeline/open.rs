//! The fields of spans that have started and not ended.

use crate::base::drop_counts;
use crate::model::drop_reason::DropReason;
use crate::model::fields::Fields;
use std::collections::HashMap;

/// The maximum number of open spans whose fields are kept.
const MAX_OPEN: usize = 65_536;
/// The maximum size of their fields, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// The fields of open spans, and of spans that ended in the last round.
///
/// The spans are kept in two generations. When the young generation reaches half of a limit, it becomes the old one, and
/// the previous old one is dropped: the ends of its spans were most likely lost under load.
#[derive(Default)]
pub(crate) struct OpenSpans {
    young: HashMap<u64, Fields>,
    /// The size of the fields in `young`, in bytes.
    bytes: usize,
    old: HashMap<u64, Fields>,
    /// The spans that ended in the last round. An error is reported after the end of the call that returned it.
    pub(super) ended: HashMap<u64, Fields>,
}

impl OpenSpans {
    /// Returns the fields that a span has recorded so far.
    pub(crate) fn fields(&self, span: u64) -> Option<&Fields> {
        [&self.young, &self.old, &self.ended]
            .into_iter()
            .find_map(|spans| spans.get(&span))
    }

    /// Adds fields that a span recorded.
    pub(super) fn add(&mut self, span: u64, fields: Fields) {
        self.bytes += fields.size();
        let known = match self.young.get_mut(&span) {
            None => self.old.get_mut(&span),
            known => known,
        };
        if let Some(known) = known {
            return known.extend(&fields);
        }
        if self.young.len() >= MAX_OPEN / 2 || self.bytes > MAX_BYTES / 2 {
            self.bytes = fields.size();
            let dropped = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            drop_counts::add(DropReason::SpanQueueFull, dropped.len() as u64);
        }
        self.young.insert(span, fields);
    }

    /// Removes a span that has ended, and returns its fields.
    pub(super) fn take(&mut self, span: u64) -> Option<Fields> {
        let young = self.young.remove(&span);
        if let Some(fields) = &young {
            self.bytes = self.bytes.saturating_sub(fields.size());
        }
        young.or_else(|| self.old.remove(&span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_whose_ends_were_lost_use_bounded_memory() {
        static SPAN: tracing::Metadata<'static> = tracing::Metadata::new(
            "work",
            "shop",
            tracing::Level::INFO,
            None,
            None,
            None,
            tracing::field::FieldSet::new(&["id"], tracing::callsite::Identifier(&CALLSITE)),
            tracing::metadata::Kind::SPAN,
        );
        static CALLSITE: tracing::callsite::DefaultCallsite =
            tracing::callsite::DefaultCallsite::new(&SPAN);
        let fields = || Fields::new(SPAN.fields(), vec![0; 1000]);
        let mut open = OpenSpans::default();
        for span in 0..10 * MAX_OPEN as u64 {
            open.add(span, fields());
        }
        let held = open.young.len() + open.old.len();
        assert!(held <= MAX_OPEN && held * 1000 <= MAX_BYTES + 2000);
        let last = 10 * MAX_OPEN as u64 - 1;
        assert!(open.fields(last).is_some() && open.fields(0).is_none());
    }
}
