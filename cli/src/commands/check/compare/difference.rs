//! What one list has and another one does not.

/// Returns the items of `these` that `others` lacks.
pub(super) fn missing<'a, T>(
    these: &'a [T],
    others: &[T],
    same: impl Fn(&T, &T) -> bool,
) -> Vec<&'a T> {
    let is_missing = |item: &&T| !others.iter().any(|other| same(item, other));
    these.iter().filter(is_missing).collect()
}
