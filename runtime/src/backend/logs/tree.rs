//! The tree of a finished request.

use super::fold::fold;
use super::paint::{Color, Paint};
use super::rows::{Line, Note, Row};
use crate::base::text::{escape, time, tree};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

/// Lines of a tree; the others are hidden.
const MAX_LINES: usize = 60;

/// Formats the tree of a trace, of which `missing` spans were dropped.
pub(super) fn render(
    trace: u128,
    rows: &[Row],
    notes: &[Note],
    missing: u64,
    paint: Paint,
) -> String {
    let Some(root) = root(rows) else {
        return String::new();
    };
    let mut lines = flatten(root, rows, notes);
    let mut hidden = missing;
    if lines.len() > MAX_LINES {
        hidden += (lines.len() - MAX_LINES) as u64;
        lines.truncate(MAX_LINES);
    }
    let mut drawn: Vec<(usize, String)> = lines
        .iter()
        .map(|(depth, line)| (*depth, text(line, root, trace, paint)))
        .collect();
    if hidden > 0 {
        drawn.push((1, format!("… {hidden} more")));
    }
    let single = drawn.len() == 1;
    let mut out = tree::draw(&drawn);
    out.push_str(if single { " " } else { "\n" });
    let _ = write!(out, "Total: {}", time::duration(root.duration));
    out
}

/// Returns the local root that started first.
fn root(rows: &[Row]) -> Option<&Row> {
    rows.iter()
        .filter(|row| row.is_root)
        .min_by_key(|row| row.start)
}

/// Returns the lines from top to bottom, each with its depth.
fn flatten<'a>(root: &'a Row, rows: &'a [Row], notes: &'a [Note]) -> Vec<(usize, Line<'a>)> {
    let known: HashSet<u64> = rows.iter().map(|row| row.span).collect();
    let mut children: HashMap<u64, Vec<Line<'a>>> = HashMap::new();
    // Children of an unknown span are shown under the root.
    let under = |span: u64| {
        if known.contains(&span) {
            span
        } else {
            root.span
        }
    };
    for row in rows.iter().filter(|row| row.span != root.span) {
        children
            .entry(under(row.parent))
            .or_default()
            .push(Line::Span(row));
    }
    for note in notes {
        children
            .entry(under(note.span))
            .or_default()
            .push(Line::Note(note));
    }
    let mut lines = Vec::new();
    // An explicit stack, as calls may be nested too deeply for recursion on this thread's stack.
    let mut next = vec![(0, Line::Span(root))];
    while let Some((depth, line)) = next.pop() {
        if let Line::Span(row) = &line
            && let Some(mut of) = children.remove(&row.span)
        {
            of.sort_by_key(Line::at);
            next.extend(fold(of).into_iter().rev().map(|line| (depth + 1, line)));
        }
        lines.push((depth, line));
    }
    lines
}

/// Formats a line of the tree.
fn text(line: &Line<'_>, root: &Row, trace: u128, paint: Paint) -> String {
    let mut out = String::new();
    match line {
        Line::Span(row) => {
            let is_root = row.span == root.span;
            paint.with(&mut out, Color::Bold, |out| escape::text(out, &row.name));
            if !is_root {
                let _ = write!(out, " ({})", time::duration(row.duration));
            }
            if let Some(fields) = &row.fields {
                escape::fields(&mut out, fields);
            }
            outcome(&mut out, row, paint);
            if is_root {
                paint.with(&mut out, Color::Dim, |out| {
                    let _ = write!(out, " [trace_id: {trace:032x}]");
                });
            }
        }
        Line::Note(note) => {
            out.push_str("• ");
            out.push_str(note.name);
            escape::fields(&mut out, &note.fields);
        }
        Line::Folded { name, count, total } => {
            let _ = write!(out, "… {count} more ");
            escape::text(&mut out, name);
            let _ = write!(out, " (total {})", time::duration(*total));
        }
    }
    out
}

/// Writes the outcome of a span that did not succeed.
fn outcome(out: &mut String, row: &Row, paint: Paint) {
    let color = match row.ending {
        "ok" => return,
        "cancelled" => Color::Yellow,
        _ if row.notable => Color::Red,
        _ => Color::Dim,
    };
    let text = match (row.ending, row.error) {
        ("panicked", _) | (_, "") => row.ending.to_owned(),
        (ending, error) => format!("{ending}({error})"),
    };
    out.push(' ');
    paint.with(out, color, |out| escape::text(out, &text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    fn row(span: u64, parent: u64, name: &'static str, millis: u64) -> Row {
        Row {
            span,
            parent,
            is_root: parent == 0,
            name: name.to_owned(),
            start: (SystemTime::UNIX_EPOCH, span),
            duration: Duration::from_millis(millis),
            ending: "ok",
            notable: false,
            error: "",
            fields: None,
        }
    }

    fn drawn(rows: &[Row], missing: u64) -> String {
        render(0xabc123, rows, &[], missing, Paint { on: false })
    }

    #[test]
    fn a_tree_shows_nesting_durations_and_outcomes() {
        let mut rows = vec![
            row(5, 4, "Prisma", 150),
            row(6, 3, "File Upload", 100),
            row(2, 1, "Authentication", 10),
            row(3, 1, "ContractService::submit", 300),
            row(4, 3, "Database Query", 200),
            row(1, 0, "POST /api/contracts/:id/complete", 460),
        ];
        (rows[1].ending, rows[1].notable) = ("cancelled", true);
        (rows[3].ending, rows[3].notable) = ("error", true);
        rows[3].error = "NotFound";
        assert_eq!(
            drawn(&rows, 0),
            "POST /api/contracts/:id/complete [trace_id: 00000000000000000000000000abc123]\n\
             ├─ Authentication (10ms)\n\
             └─ ContractService::submit (300ms) error(NotFound)\n   \
                ├─ Database Query (200ms)\n   \
                │  └─ Prisma (150ms)\n   \
                └─ File Upload (100ms) cancelled\n\
             Total: 460ms"
        );
    }

    #[test]
    fn a_single_call_is_one_line() {
        let text = "tick [trace_id: 00000000000000000000000000abc123] Total: 1.0ms";
        assert_eq!(drawn(&[row(1, 0, "tick", 1)], 0), text);
        assert_eq!(drawn(&[row(2, 1, "no root", 1)], 0), "");
    }

    #[test]
    fn many_siblings_are_folded() {
        let mut rows = vec![row(1, 0, "all", 5000), row(9999, 7777, "orphan", 1)];
        rows.extend((2..1002).map(|span| row(span, 1, "read", 2)));
        (rows[500].ending, rows[500].notable) = ("panicked", true);
        let text = drawn(&rows, 0);
        assert_eq!(text.lines().count(), 8, "{text}");
        assert_eq!(text.matches("├─ read (2.0ms)").count(), 4);
        assert!(text.contains("├─ … 996 more read (total 1.99s)"), "{text}");
        assert!(text.contains("├─ read (2.0ms) panicked"), "{text}");
        assert!(text.contains("└─ orphan (1.0ms)"), "{text}");
    }

    #[test]
    fn a_large_tree_is_truncated() {
        let mut rows = vec![row(1, 0, "root", 1)];
        rows.extend((2..100_000).map(|span| row(span, span - 1, "deep", 1)));
        let text = drawn(&rows, 7);
        assert_eq!(text.lines().count(), MAX_LINES + 2);
        assert!(text.contains("└─ … 99946 more\nTotal: 1.0ms"), "{text}");
    }
}
