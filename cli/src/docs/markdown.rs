//! Markdown that says what it was given, whatever that is.

/// A text within a line: nothing in it is markup, ends a table's cell or a line, or is HTML.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // Within a word an underscore is nothing else.
        let next = rest.peek().copied().unwrap_or(' ');
        let within = last.is_alphanumeric() && next.is_alphanumeric();
        last = c;
        match c {
            '_' if within => out.push('_'),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A path or an address is not made a link.
            ':' if text.contains("://") => out.push_str("&#58;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    crate::table::escape(&out)
}

/// A text in backticks.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = crate::table::escape(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Sentences whose parts in backticks stay code.
pub(super) fn prose(prose: &str) -> String {
    let parts = prose.split('`').enumerate();
    let parts = parts.map(|(n, part)| if n % 2 == 1 { code(part) } else { text(part) });
    parts.collect()
}

/// A table's row. A bar would end a cell, within code too.
pub(super) fn row(cells: &[String]) -> String {
    let mut out = String::from("|");
    for cell in cells {
        let mut last = ' ';
        out.push(' ');
        for c in cell.chars() {
            if c == '|' && last != '\\' {
                out.push('\\');
            }
            out.push(c);
            last = c;
        }
        out.push_str(" |");
    }
    out.push('\n');
    out
}

/// A table's head.
pub(super) fn head(cells: &[&str]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| (*cell).to_owned()).collect();
    let line: Vec<_> = cells.iter().map(|_| "---".to_owned()).collect();
    row(&cells) + &row(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(
            text("a_b _a|b *c* <img src=x> [d](http://e)\n# f & \u{1b}[1m"),
            "a_b \\_a\\|b \\*c\\* &lt;img src=x&gt; \\[d\\]\\(http&#58;//e\\) \\# f &amp; \\u{1b}\\[1m"
        );
    }

    #[test]
    fn code_holds_backticks_and_bars() {
        assert_eq!(row(&[code("a|b"), text("c|d")]), "| `a\\|b` | c\\|d |\n");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code(""), "");
        assert_eq!(
            prose("the mean of `a|b` is *up*"),
            "the mean of `a|b` is \\*up\\*"
        );
    }
}
