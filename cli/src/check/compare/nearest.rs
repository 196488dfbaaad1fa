//! What was renamed: of all that went and all that came, pairs of the nearest names.

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

/// Characters that have to be put in, left out or replaced (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (n, x) in a.chars().enumerate() {
        let mut corner = n;
        row[0] = n + 1;
        for (m, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[m + 1];
            row[m + 1] = replaced.min(corner + 1).min(row[m] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("same", "same", 0),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn the_nearest_are_one_thing_and_strangers_are_not() {
        let gone = ["bids.submitted", "jobs.open", "x"];
        let come = ["payments.held", "jobs.opened", "bids.submit"];
        let pairs = pairs(&gone, &come, |name| name, |_, _| true);
        assert_eq!(pairs, [(1, 1), (0, 2)]);
    }
}
