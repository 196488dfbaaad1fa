//! Texts of the program's as Markdown that shows them and does nothing else.

use crate::text::escape;

/// A text within a line: nothing in it is markup, a link or HTML, or ends a line or a table's cell.
pub(crate) fn text(text: &str) -> String {
    plain(text.trim())
}

fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let next = text[at + c.len_utf8()..].chars().next();
        let within_a_word = before.is_alphanumeric() && next.is_some_and(char::is_alphanumeric);
        let means = match c {
            '_' => !within_a_word,
            '\\' | '`' | '*' | '{' | '}' | '[' | ']' | '<' | '>' | '(' | ')' | '#' | '!' | '|'
            | '&' | '~' | '$' | '@' => true,
            // Lists and lines under headings begin so.
            '-' | '+' | '=' => at == 0,
            // A number of a list, or an address that becomes a link by itself; so does the one below.
            '.' => text[..at].chars().all(|c| c.is_ascii_digit()) || text[..at].ends_with("www"),
            '/' => before == ':',
            _ => false,
        };
        if means {
            out.push('\\');
        }
        out.push(if matches!(c, '\n' | '\r' | '\t') {
            ' '
        } else {
            c
        });
        before = c;
    }
    escape(&out)
}

/// A text as code within a line.
pub(crate) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = escape(text);
    let fence = "`".repeat(longest(&text) + 1);
    let touches = text.starts_with('`') || text.ends_with('`');
    let space = if touches { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A text as a block of code in a language.
pub(crate) fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest(text).max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}

/// Sentences whose parts in backticks stay code.
pub(crate) fn prose(prose: &str) -> String {
    let parts = prose.split('`').enumerate();
    let parts = parts.map(|(n, part)| match n % 2 {
        1 => code(part),
        _ => plain(part),
    });
    parts.collect()
}

/// An address as a link; what is none, as code.
pub(crate) fn link(address: &str) -> String {
    let is_address = address.starts_with("https://") || address.starts_with("http://");
    let is_plain = |c: char| c.is_ascii_graphic() && !"<>\\`\"".contains(c);
    if is_address && address.chars().all(is_plain) {
        format!("<{address}>")
    } else {
        code(address)
    }
}

/// A table's row. A bar would end a cell, within code too.
pub(crate) fn row(cells: &[String]) -> String {
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
pub(crate) fn head(cells: &[&str]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| (*cell).to_owned()).collect();
    let line: Vec<_> = cells.iter().map(|_| "---".to_owned()).collect();
    row(&cells) + &row(&line)
}

/// The longest run of backticks.
fn longest(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_stay_texts() {
        assert_eq!(
            text("# <b>[x](javascript:y)</b>\n- *z* `w` | 1 & \\"),
            r"\# \<b\>\[x\]\(javascript:y\)\</b\> - \*z\* \`w\` \| 1 \& \\"
        );
        assert_eq!(text("1. first-hand"), r"1\. first-hand");
        assert_eq!(
            text("a_b _a \u{1b}[1m\u{202e}"),
            r"a_b \_a \u{1b}\[1m\u{202e}"
        );
        assert_eq!(
            text("- see https://x.example, www.x.example"),
            r"\- see https:\//x.example, www\.x.example"
        );
        assert_eq!(link("https://x.example/a#b"), "<https://x.example/a#b>");
        assert_eq!(link("javascript:alert(1)"), "`javascript:alert(1)`");
        assert_eq!(link("https://x.example/ <b>"), "`https://x.example/ <b>`");
    }

    #[test]
    fn code_holds_backticks_and_bars() {
        assert_eq!(row(&[code("a|b"), text("c|d")]), "| `a\\|b` | c\\|d |\n");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code("a\nb"), r"`a\nb`");
        assert_eq!(code(""), "");
        assert_eq!(
            block("promql", "a\n```\nb"),
            "````promql\na\n```\nb\n````\n"
        );
        assert_eq!(
            prose("the mean of `a|b` is *up*"),
            "the mean of `a|b` is \\*up\\*"
        );
    }
}
