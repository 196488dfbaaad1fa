//! Texts as Markdown that shows them unchanged.

use crate::text::escape;

/// Returns a text within a line, without markup, links or HTML, which ends neither the line nor a table's cell.
pub(crate) fn text(text: &str) -> String {
    plain(text.trim())
}

fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let next = text[at + c.len_utf8()..].chars().next();
        let within_a_word = before.is_alphanumeric() && next.is_some_and(char::is_alphanumeric);
        let is_markup = match c {
            '_' => !within_a_word,
            '\\' | '`' | '*' | '{' | '}' | '[' | ']' | '<' | '>' | '(' | ')' | '#' | '!' | '|'
            | '&' | '~' | '$' | '@' => true,
            // Starts a list, or underlines a heading.
            '-' | '+' | '=' => at == 0,
            // A numbered list, or an address that becomes a link, as in the next case.
            '.' => text[..at].chars().all(|c| c.is_ascii_digit()) || text[..at].ends_with("www"),
            '/' => before == ':',
            _ => false,
        };
        if is_markup {
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

/// Returns a text as code within a line.
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

/// Returns a text as a block of code in a language.
pub(crate) fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest(text).max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}

/// Returns sentences in which only the parts in backticks are code.
pub(crate) fn prose(prose: &str) -> String {
    let parts = prose.split('`').enumerate();
    let parts = parts.map(|(n, part)| match n % 2 {
        1 => code(part),
        _ => plain(part),
    });
    parts.collect()
}

/// Returns a URL as a link, and other texts as code.
pub(crate) fn link(address: &str) -> String {
    let is_address = address.starts_with("https://") || address.starts_with("http://");
    let is_plain = |c: char| c.is_ascii_graphic() && !"<>\\`\"".contains(c);
    if is_address && address.chars().all(is_plain) {
        format!("<{address}>")
    } else {
        code(address)
    }
}

/// Returns a table's row. Bars are escaped, as they end a cell even within code.
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

/// Returns a table's header.
pub(crate) fn head(cells: &[&str]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| (*cell).to_owned()).collect();
    let line: Vec<_> = cells.iter().map(|_| "---".to_owned()).collect();
    row(&cells) + &row(&line)
}

/// Returns the length of the longest run of backticks.
fn longest(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
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
