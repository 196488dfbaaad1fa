//! Formatting of user values with a limit. The values' own code may panic, fail or write without end.

use crate::base::internal_thread::guarded;
use crate::base::reentry;
use crate::collect::dropped;
use crate::model::cut::cut;
use crate::model::drop_reason::DropReason;
use std::fmt::{self, Display, Write};

/// Appended to a truncated text.
const CUT: &str = "…";

/// Formats the value in at most `limit` bytes. The value is stopped once it has written enough, so a text of 10 MB costs no
/// more than its beginning.
pub(crate) fn text(value: &dyn Display, limit: usize) -> String {
    let Some(_values) = reentry::values() else {
        return String::new();
    };
    let mut out = Bounded {
        text: String::new(),
        limit,
        full: false,
    };
    let instead = match guarded(|| write!(out, "{value}")) {
        Ok(Ok(())) => return out.text,
        Ok(Err(_)) if out.full => return out.text,
        Ok(Err(_)) => "<failed to format>",
        Err(_) => "<panicked>",
    };
    dropped::count(DropReason::FieldPanicked);
    instead.to_owned()
}

/// Truncates a text to at most `limit` bytes.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    let mut out = Bounded {
        text: String::new(),
        limit,
        full: false,
    };
    // It fails where the text is truncated.
    let _ = out.write_str(text);
    out.text
}

struct Bounded {
    text: String,
    limit: usize,
    full: bool,
}

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.full {
            return Err(fmt::Error);
        }
        if text.len() <= self.limit - self.text.len() {
            self.text.push_str(text);
            return Ok(());
        }
        // The ellipsis counts against the limit, so text written earlier may have to be removed.
        let room = self.limit.saturating_sub(CUT.len());
        let kept = cut(&self.text, room).len();
        self.text.truncate(kept);
        self.text.push_str(cut(text, room - kept));
        self.text.push_str(CUT);
        self.full = true;
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Parts(&'static [&'static str]);

    impl Display for Parts {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            // It ignores the error and continues to write.
            self.0
                .iter()
                .map(|part| f.write_str(part))
                .fold(Ok(()), fmt::Result::and)
        }
    }

    #[test]
    fn f17_a_text_stays_in_its_limit() {
        for (parts, short) in [
            (&["abc", "defgh"][..], "abcdefgh"),
            (&["abcdefgh", "i"], "abcde…"),
            (&["abcdefg", "hijk", "lmn"], "abcde…"),
            (&["ab", "éééé"], "abé…"),
            (&["1234567é"], "12345…"),
            (&[], ""),
        ] {
            assert_eq!(text(&Parts(parts), 8), short, "{parts:?}");
            assert_eq!(shortened(&parts.concat(), 8), short, "{parts:?}");
        }
    }
}
