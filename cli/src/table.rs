//! Tables for terminals and pipes.

use crate::text::escape;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Row, presets};

/// The width of tables: that of the terminal, or unlimited if standard output is not a terminal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Width {
    Columns(u16),
    Unlimited,
}

impl Width {
    /// Returns the width of standard output.
    pub(crate) fn of_stdout() -> Self {
        let size = console::Term::stdout().size_checked();
        size.map_or(Self::Unlimited, |(_, columns)| Self::Columns(columns))
    }

    /// Returns the width that remains after an indentation.
    pub(crate) fn indented(self, by: u16) -> Self {
        match self {
            Self::Columns(columns) => Self::Columns(columns.saturating_sub(by)),
            Self::Unlimited => Self::Unlimited,
        }
    }

    /// Whether a line of so many characters is too long.
    pub(crate) fn is_exceeded_by(self, length: usize) -> bool {
        match self {
            Self::Columns(columns) => length > usize::from(columns),
            Self::Unlimited => false,
        }
    }
}

/// A table without borders. Cells are never cut: on a terminal, long ones wrap.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    /// Creates a table. `numeric` are the positions of the columns that are aligned to the right.
    pub(crate) fn new(header: &[&str], numeric: &[usize]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(Row::from(header.to_vec()));
        for (position, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if numeric.contains(&position) {
                column.set_cell_alignment(CellAlignment::Right);
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        Self(table)
    }

    /// Adds a row. Its cells are escaped.
    pub(crate) fn add(&mut self, row: Vec<String>) {
        let cells: Vec<_> = row.iter().map(|cell| escape(cell)).collect();
        self.0.add_row(cells);
    }

    /// Returns the lines of the table.
    pub(crate) fn render(mut self, width: Width) -> String {
        match width {
            Width::Columns(columns) => {
                self.0.set_content_arrangement(ContentArrangement::Dynamic);
                self.0.set_width(columns);
            }
            Width::Unlimited => {
                self.0.set_content_arrangement(ContentArrangement::Disabled);
            }
        }
        let lines = self.0.lines().map(|line| line.trim_end().to_owned() + "\n");
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["name", "labels", "n"], &[2]);
        table.add(vec![
            "payment.released".into(),
            "long words ".repeat(8),
            "7".into(),
        ]);
        table.add(vec!["b".into(), String::new(), "12".into()]);
        table
    }

    #[test]
    fn a_table_fits_the_terminal_and_wraps_long_cells() {
        let text = table().render(Width::Columns(50));
        let is_short = |line: &str| line.chars().count() <= 50;
        assert!(text.lines().all(is_short), "{text}");
        assert_eq!(text.matches("words").count(), 8, "{text}");
        assert!(text.contains("payment.released  long"), "{text}");
        assert!(
            text.lines()
                .last()
                .is_some_and(|line| line.ends_with(" 12")),
            "{text}"
        );
    }

    #[test]
    fn f56_a_table_in_a_pipe_has_a_line_for_each_row() {
        let mut table = table();
        let name = "n".repeat(300);
        table.add(vec![name.clone(), "l".repeat(300), "1".into()]);
        let text = table.render(Width::Unlimited);
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(
            text.lines()
                .last()
                .is_some_and(|line| line.starts_with(&name))
        );
    }
}
