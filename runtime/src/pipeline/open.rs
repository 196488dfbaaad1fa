//! Spans that have begun and not ended.

use crate::base::drop_counts;
use crate::model::drop_reason::DropReason;
use crate::model::fields::Fields;
use std::collections::HashMap;

/// Spans that have begun and not ended whose fields are kept.
const MAX_OPEN: usize = 65_536;
/// Bytes of their fields.
const MAX_BYTES: usize = 4 << 20;

/// Fields of spans that have begun and not ended, and of those that have just ended.
#[derive(Default)]
pub(crate) struct OpenSpans {
    young: HashMap<u64, Fields>,
    /// Bytes of fields that the young ones have had.
    bytes: usize,
    /// The ones before. Given up when the young ones are too many again: their ends were lost under load, most likely.
    old: HashMap<u64, Fields>,
    /// Those that ended in the last round: a report of a call is made after its end.
    pub(super) ended: HashMap<u64, Fields>,
}

impl OpenSpans {
    /// The fields a span has recorded so far.
    pub(crate) fn fields(&self, span: u64) -> Option<&Fields> {
        [&self.young, &self.old, &self.ended]
            .into_iter()
            .find_map(|spans| spans.get(&span))
    }

    /// A span has recorded fields.
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
            let given_up = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            drop_counts::add(DropReason::SpanQueueFull, given_up.len() as u64);
        }
        self.young.insert(span, fields);
    }

    /// A span has ended.
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
    fn spans_whose_ends_were_lost_do_not_fill_the_memory() {
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
