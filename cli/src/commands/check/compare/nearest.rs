//! Renames: pairs of a removed and an added name that are similar.

use crate::edit_distance::edit_distance;

/// Returns pairs of positions in `removed` and `added` that most likely are a rename. The most similar names come first, and
/// each position is in one pair at most.
pub(super) fn pairs<T>(
    removed: &[T],
    added: &[T],
    name: impl Fn(&T) -> &str,
    may_be: impl Fn(&T, &T) -> bool,
) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    for (a, old) in removed.iter().enumerate() {
        for (b, new) in added.iter().enumerate() {
            let (from, to) = (name(old), name(new));
            let distance = edit_distance(from, to);
            let longest = from.chars().count().max(to.chars().count());
            // If more than half of the name differs, it is another thing.
            if may_be(old, new) && distance * 2 <= longest {
                all.push((distance, a, b));
            }
        }
    }
    all.sort_unstable();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, a, b) in all {
        if pairs.iter().all(|(x, y)| *x != a && *y != b) {
            pairs.push((a, b));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_paired() {
        let removed = ["bids.submitted", "jobs.open", "x"];
        let added = ["payments.held", "jobs.opened", "bids.submit"];
        let pairs = pairs(&removed, &added, |name| name, |_, _| true);
        assert_eq!(pairs, [(1, 1), (0, 2)]);
    }
}
