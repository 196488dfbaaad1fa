//! Tables that one can read, and texts that do nothing to a terminal.

/// Columns of a terminal that does not say how many it has.
const WIDTH: usize = 100;
/// Columns give way down to these widths, in turns: what the others have to, the first one has to.
const NARROW: [(usize, usize); 3] = [(24, usize::MAX), (16, 32), (8, 8)];

/// Columns of the terminal that is written to.
pub(crate) fn terminal_width() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    let columns = size.map_or(0, |size| usize::from(size.ws_col));
    if columns == 0 { WIDTH } else { columns }
}

/// Rows below a head.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// Columns whose cells stand at the right: numbers.
    right: &'static [usize],
    /// A column whose cells lose their beginning where they are cut: places in the source.
    tail: Option<usize>,
}

impl Table {
    /// `right` are the positions of columns of numbers.
    pub(crate) fn new(head: &[&str], right: &'static [usize]) -> Self {
        let head = head.iter().map(|cell| (*cell).to_owned()).collect();
        Self {
            rows: vec![head],
            right,
            tail: None,
        }
    }

    /// The end of this column's cells says more than their beginning.
    pub(crate) fn keep_end(mut self, column: usize) -> Self {
        self.tail = Some(column);
        self
    }

    pub(crate) fn add(&mut self, row: Vec<String>) {
        self.rows
            .push(row.iter().map(|cell| escape(cell)).collect());
    }

    /// Lines of at most so many columns. What does not fit ends in `…`; the first column is cut last.
    pub(crate) fn render(&self, width: usize) -> String {
        let widths = self.widths(width);
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                if column > 0 {
                    line.push_str("  ");
                }
                let cell = cut(cell, *width, self.tail == Some(column));
                let space = " ".repeat(width - cell.chars().count());
                let (before, after) = if self.right.contains(&column) {
                    (space.as_str(), "")
                } else {
                    ("", space.as_str())
                };
                line.push_str(before);
                line.push_str(&cell);
                line.push_str(after);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let columns = self.rows[0].len();
        let longest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let mut widths: Vec<_> = (0..columns).map(longest).collect();
        let gaps = 2 * columns.saturating_sub(1);
        let mut over = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
        for (others, first) in NARROW {
            while over > 0 {
                let give = (1..columns).filter(|column| !self.right.contains(column));
                let widest = give.max_by_key(|column| widths[*column]);
                let widest = widest.filter(|column| widths[*column] > others);
                let Some(column) = widest.or_else(|| (widths[0] > first).then_some(0)) else {
                    break;
                };
                widths[column] -= 1;
                over -= 1;
            }
        }
        widths
    }
}

fn cut(cell: &str, width: usize, keep_end: bool) -> String {
    let length = cell.chars().count();
    if length <= width {
        return cell.to_owned();
    }
    let kept = width.saturating_sub(1);
    if keep_end {
        let end: String = cell.chars().skip(length - kept).collect();
        return format!("…{end}");
    }
    let start: String = cell.chars().take(kept).collect();
    start + "…"
}

/// A text on one line that moves no cursor and changes no colour.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_harmful(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Whether a character could end a line, move the cursor, change a colour or turn the direction of writing.
pub(crate) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A whole number with its thousands apart.
pub(crate) fn whole(number: f64) -> String {
    let digits = format!("{:.0}", number.max(0.0));
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes for people.
pub(crate) fn bytes(number: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let (mut number, mut unit) = (number.max(0.0), 0);
    while number >= 999.95 && unit + 1 < units.len() {
        number /= 1000.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0);
    format!("{number:.digits$} {}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_its_width_and_keeps_its_first_column() {
        let mut table = Table::new(&["name", "labels", "n"], &[2]);
        table.add(vec!["payment.released".into(), "x".repeat(80), "7".into()]);
        table.add(vec!["b".into(), String::new(), "12".into()]);
        let text = table.render(50);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines.iter().all(|line| line.chars().count() <= 50),
            "{text}"
        );
        assert!(lines[1].starts_with("payment.released  x") && lines[1].ends_with("…   7"));
        assert!(lines[2].ends_with("  12"), "{text}");
    }

    #[test]
    fn what_is_far_too_wide_ends() {
        let mut table = Table::new(&["name", "labels"], &[]).keep_end(1);
        table.add(vec!["n".repeat(300), "l".repeat(300)]);
        assert_eq!(table.render(10).lines().nth(1), Some("nnnnnnn…  …lllllll"));
    }

    #[test]
    fn hostile_texts_are_shown_and_do_nothing() {
        assert_eq!(
            escape("a\u{1b}[31mb\nc\u{202e}d\u{85}"),
            "a\\u{1b}[31mb\\nc\\u{202e}d\\u{85}"
        );
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!(whole(1_234_567.4), "1,234,567");
        assert_eq!(whole(12.0), "12");
        assert_eq!(bytes(999.0), "999 B");
        assert_eq!(bytes(1_500_000.0), "1.5 MB");
    }
}
