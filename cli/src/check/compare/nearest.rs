//! What was renamed: of all that went and all that came, pairs of the nearest names.

use crate::distance::distance;

/// Pairs of positions in `gone` and `come` that may be one thing. Those nearest in name first; each is in one pair.
pub(super) fn pairs<T>(
    gone: &[T],
    come: &[T],
    name: impl Fn(&T) -> &str,
    may_be: impl Fn(&T, &T) -> bool,
) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    for (a, old) in gone.iter().enumerate() {
        for (b, new) in come.iter().enumerate() {
            let (from, to) = (name(old), name(new));
            let distance = distance(from, to);
            let longest = from.chars().count().max(to.chars().count());
            // More than the half of it is new: another thing.
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
    fn the_nearest_are_one_thing_and_strangers_are_not() {
        let gone = ["bids.submitted", "jobs.open", "x"];
        let come = ["payments.held", "jobs.opened", "bids.submit"];
        let pairs = pairs(&gone, &come, |name| name, |_, _| true);
        assert_eq!(pairs, [(1, 1), (0, 2)]);
    }
}
