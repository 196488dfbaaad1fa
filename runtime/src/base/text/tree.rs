//! Drawing of trees.

/// Maximum depth; deeper lines are drawn at this depth.
const MAX_DEPTH: usize = 64;

/// Draws lines as a tree. Each line has a depth; a line of depth 0 begins a new tree.
pub(crate) fn draw<T: AsRef<str>>(lines: &[(usize, T)]) -> String {
    // In reverse order, so that it is known for each line whether another follows at its level.
    let mut follows = Vec::new();
    let mut drawn = Vec::with_capacity(lines.len());
    for (depth, line) in lines.iter().rev() {
        let depth = (*depth).min(MAX_DEPTH);
        follows.resize(depth + 1, false);
        let mut text = String::new();
        for (level, follows) in follows.iter().enumerate().skip(1) {
            text.push_str(match (level == depth, *follows) {
                (false, true) => "│  ",
                (false, false) => "   ",
                (true, true) => "├─ ",
                (true, false) => "└─ ",
            });
        }
        follows[depth] = true;
        text.push_str(line.as_ref());
        drawn.push(text);
    }
    drawn.reverse();
    drawn.join("\n")
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn branches() {
        let lines = [
            (0, "a"),
            (1, "b"),
            (2, "c"),
            (3, "d"),
            (2, "e"),
            (1, "f"),
            (2, "g"),
            (0, "h"),
        ];
        let drawn = "a\n├─ b\n│  ├─ c\n│  │  └─ d\n│  └─ e\n└─ f\n   └─ g\nh";
        assert_eq!(draw(&lines), drawn);
    }

    #[test]
    fn a_deep_tree_is_cut() {
        let lines: Vec<_> = (0..100_000).map(|depth| (depth, "x")).collect();
        assert!(draw(&lines).len() < 100_000 * 4 * 70);
    }
}
