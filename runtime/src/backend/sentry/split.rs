//! A trace as several transactions: one for each local root. Two services may run in one process, and an envelope holds
//! one transaction (Sentry, "Envelopes").

use crate::pipeline::FinishedSpan;
use std::collections::HashMap;

/// The local roots, each with the spans below it that are below no other. Spans whose root is not known go with the last
/// one, which is the outermost as a rule.
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
    // Whom a span belongs to: the root with that number, or its parent.
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

#[derive(Clone, Copy)]
enum Owner {
    Root(usize),
    Parent(u64),
}

/// Walks up to the root, and notes it for those on the way.
fn find(owners: &mut HashMap<u64, Owner>, span: u64) -> Option<usize> {
    let mut way = Vec::new();
    let mut at = span;
    let root = loop {
        match owners.get(&at)? {
            Owner::Root(number) => break *number,
            // Ids come from outside, too: they may go round in a circle.
            Owner::Parent(parent) if way.len() < owners.len() => {
                way.push(at);
                at = *parent;
            }
            Owner::Parent(_) => return None,
        }
    };
    for span in way {
        owners.insert(span, Owner::Root(root));
    }
    Some(root)
}

#[cfg(test)]
mod tests {
    use super::by_root;
    use crate::model::outcome::Outcome;
    use crate::pipeline::{FinishedSpan, example};

    /// Ids of the roots, each with those of its spans.
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
    fn every_local_root_has_what_is_below_it() {
        // 1 asks 4, which is a service of its own; 9 is a piece of which nobody knows the parent.
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
    fn circles_end() {
        let spans = [(5, 6, false), (6, 5, false), (1, 0, false)];
        assert_eq!(split(&spans), [(1, vec![5, 6])]);
        assert_eq!(split(&spans[..2]), []);
    }
}
