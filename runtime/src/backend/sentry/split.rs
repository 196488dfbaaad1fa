//! Splits a trace into transactions, one for each local root. A trace may have several if services in the same process
//! call each other, and an envelope may contain only one transaction (Sentry SDK documentation, "Envelopes").

use crate::pipeline::FinishedSpan;
use std::collections::HashMap;

/// Returns the local roots, each with the spans of which it is the nearest root. Spans without a known root are assigned to
/// the last one, which usually is the outermost.
pub(super) fn by_root<'a>(
    spans: impl Iterator<Item = &'a FinishedSpan>,
) -> Vec<(&'a FinishedSpan, Vec<&'a FinishedSpan>)> {
    let spans: Vec<&FinishedSpan> = spans.collect();
    let mut split: Vec<_> = spans
        .iter()
        .filter(|span| span.is_root())
        .map(|root| (*root, Vec::new()))
        .collect();
    let Some(last) = split.len().checked_sub(1) else {
        return split;
    };
    let mut owners: HashMap<u64, Owner> = HashMap::with_capacity(spans.len());
    for span in &spans {
        owners.insert(span.span, Owner::Parent(span.parent));
    }
    for (number, (root, _)) in split.iter().enumerate() {
        owners.insert(root.span, Owner::Root(number));
    }
    for span in spans.iter().filter(|span| !span.is_root()) {
        let root = find(&mut owners, span.span).unwrap_or(last);
        split[root].1.push(*span);
    }
    split
}

/// The owner of a span.
#[derive(Clone, Copy)]
enum Owner {
    /// The index of its root.
    Root(usize),
    /// The id of its parent, whose root is the span's root, too.
    Parent(u64),
}

/// Returns the root of a span, and records it for all spans on the path, so that each edge is followed once.
fn find(owners: &mut HashMap<u64, Owner>, span: u64) -> Option<usize> {
    let mut path = Vec::new();
    let mut at = span;
    let root = loop {
        match owners.get(&at)? {
            Owner::Root(number) => break *number,
            // Parents may come from other processes, so they may form a cycle.
            Owner::Parent(parent) if path.len() < owners.len() => {
                path.push(at);
                at = *parent;
            }
            Owner::Parent(_) => return None,
        }
    };
    for span in path {
        owners.insert(span, Owner::Root(root));
    }
    Some(root)
}

#[cfg(test)]
mod tests {
    use super::by_root;
    use crate::model::outcome::Outcome;
    use crate::pipeline::{FinishedSpan, example};

    /// Splits spans of `(id, parent, is_root)`, and returns the ids of the roots, each with those of its spans.
    fn split(spans: &[(u64, u64, bool)]) -> Vec<(u64, Vec<u64>)> {
        let of = |(id, parent, is_root): &(u64, u64, bool)| {
            example(7, *id, *parent, Outcome::Ok, *is_root)
        };
        let spans: Vec<FinishedSpan> = spans.iter().map(of).collect();
        let split = by_root(spans.iter()).into_iter();
        let ids = |spans: Vec<&FinishedSpan>| spans.iter().map(|span| span.span).collect();
        split.map(|(root, spans)| (root.span, ids(spans))).collect()
    }

    #[test]
    fn every_local_root_has_the_spans_below_it() {
        // Root 1 calls the service whose root is 4; the parent of 9 is unknown.
        let spans = [
            (5, 4, false),
            (6, 5, false),
            (4, 3, true),
            (3, 2, false),
            (2, 1, false),
            (9, 77, false),
            (1, 0, false),
        ];
        assert_eq!(split(&spans), [(4, vec![5, 6]), (1, vec![3, 2, 9])]);
    }

    #[test]
    fn cycles_of_parents_end() {
        let spans = [(5, 6, false), (6, 5, false), (1, 0, false)];
        assert_eq!(split(&spans), [(1, vec![5, 6])]);
        assert_eq!(split(&spans[..2]), []);
    }
}
