//! Texts of the program's as Markdown that shows them and does nothing else.

/// A text within a line.
pub(crate) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.trim().chars() {
        let means = match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '(' | ')' | '#' | '!'
            | '|' | '&' | '~' | '$' | '@' => true,
            // Lists and lines under headings begin so.
            '-' | '+' | '=' => out.is_empty(),
            '.' => out.chars().all(|c| c.is_ascii_digit()),
            // An address becomes a link by itself.
            '/' => before == ':',
            _ => false,
        };
        if means {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
        before = c;
    }
    out
}

/// A text as code within a line.
pub(crate) fn code(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let fence = "`".repeat(longest(&text) + 1);
    if text.is_empty() {
        return "\\-".into();
    }
    if text.starts_with('`') || text.ends_with('`') || fence.len() > 1 {
        return format!("{fence} {text} {fence}");
    }
    format!("{fence}{text}{fence}")
}

/// A text as a block of code in a language.
pub(crate) fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest(text).max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
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
            text("- see https://x.example"),
            r"\- see https:\//x.example"
        );
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(code("a\nb"), "`a b`");
        assert_eq!(
            block("promql", "a\n```\nb"),
            "````promql\na\n```\nb\n````\n"
        );
        assert_eq!(link("https://x.example/a#b"), "<https://x.example/a#b>");
        assert_eq!(link("javascript:alert(1)"), "`javascript:alert(1)`");
        assert_eq!(link("https://x.example/ <b>"), "`https://x.example/ <b>`");
    }
}
