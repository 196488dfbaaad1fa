//! Suggestions for misspelt words.

/// The known word with the fewest edits from `word`, if it is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = (word.chars().count() / 3).max(1);
    known
        .iter()
        .map(|known| {
            (
                distance(&word.to_lowercase(), &known.to_lowercase()),
                *known,
            )
        })
        .filter(|(far, _)| *far <= near)
        .min_by_key(|(far, _)| *far)
        .map(|(_, known)| known)
}

/// The number of edits between two words. A swap of neighbours is one edit.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let swap = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                let changed = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
                let swapped = if swap {
                    rows[i - 2][j - 2] + 1
                } else {
                    changed
                };
                changed
                    .min(swapped)
                    .min(rows[i - 1][j] + 1)
                    .min(rows[i][j - 1] + 1)
            };
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant() {
        let known = ["Counter", "Gauge", "Histogram"];
        assert_eq!(nearest("Countr", &known), Some("Counter"));
        assert_eq!(nearest("counter", &known), Some("Counter"));
        assert_eq!(nearest("Guage", &known), Some("Gauge"));
        assert_eq!(nearest("Timer", &known), None);
    }
}
