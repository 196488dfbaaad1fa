//! Texts of recently captured errors. A log line that describes a captured error is recognised as such, even if it is
//! written after the call has returned, or by another task.

use crate::base::{clock, fork};
use crate::collect::report::text::text;
use crate::collect::report::throttle;
use crate::collect::throttle::WINDOW;
use crate::collect::trace::context;
use crate::model::cut::cut;
use crate::model::fault::FaultValue;
use crate::model::fields::Fields;
use crate::model::record::Source;
use crate::model::site::Site;
use std::cell::Cell;
use std::collections::VecDeque;
use std::error::Error;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Maximum number of remembered errors. Each is remembered for one throttling window.
const MAX: usize = 128;
/// Maximum number of sources remembered of an error.
const MAX_SOURCES: usize = 4;
/// Maximum length of a remembered text, in bytes.
const MAX_TEXT: usize = 512;
/// Maximum length of a log line's value that is compared, in bytes.
const MAX_VALUE: usize = 4096;
/// Texts with fewer words than this occur in many unrelated lines, so they are matched more strictly.
const FEW_WORDS: usize = 3;
/// How long after a throttled capture a log line is assumed to describe it, in seconds.
const MAX_DELAY: f64 = 0.02;

static ENABLED: AtomicBool = AtomicBool::new(false);
static RECENT: Mutex<VecDeque<Captured>> = Mutex::new(VecDeque::new());

thread_local! {
    /// The last error that this thread captured.
    static LAST: Cell<Last> = const {
        Cell::new(Last {
            fate: Fate::Reported,
            at: 0,
            kind: None,
        })
    };
}

#[derive(Clone, Copy)]
struct Last {
    fate: Fate,
    at: u64,
    kind: Option<ErrorSite>,
}

/// Function and label, by which errors are throttled.
type ErrorSite = (&'static Site, &'static str);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Reported,
    Throttled,
}

struct Captured {
    at: u64,
    kind: Option<ErrorSite>,
    trace: u128,
    texts: Vec<Words>,
}

/// Starts to remember errors, for a backend that matches log lines with them.
pub(crate) fn enable() {
    ENABLED.store(true, Relaxed);
}

fn is_enabled() -> bool {
    ENABLED.load(Relaxed)
}

/// Remembers an error that was reported.
pub(super) fn reported(
    kind: Option<ErrorSite>,
    value: FaultValue<'_>,
    text: &str,
    chain: &[Source],
) {
    if !is_enabled() {
        return;
    }
    LAST.set(Last {
        fate: Fate::Reported,
        at: clock::now(),
        kind,
    });
    let mut texts = vec![text.to_owned()];
    texts.extend(debug_texts(value));
    let sources = chain.iter().take(MAX_SOURCES);
    texts.extend(sources.map(|source| source.text.clone()));
    remember(kind, &texts);
}

/// Notes that an error was throttled.
pub(super) fn throttled() {
    if is_enabled() {
        LAST.set(Last {
            fate: Fate::Throttled,
            at: clock::now(),
            kind: None,
        });
    }
}

/// Remembers the text of a reported error that an outer call returns, possibly converted to another error.
pub(super) fn propagated(value: FaultValue<'_>) {
    let last = LAST.get();
    if is_enabled() && last.fate == Fate::Reported {
        let (text, chain) = super::describe(value);
        reported(last.kind, value, &text, &chain);
    }
}

/// Returns the `Debug` texts of the error and its sources.
fn debug_texts(value: FaultValue<'_>) -> Vec<String> {
    let with_sources = |error: &dyn Error| {
        let sources = std::iter::successors(error.source(), |&error| error.source());
        let sources = sources.take(MAX_SOURCES);
        let mut texts: Vec<String> = vec![text(format_args!("{error:?}"))];
        texts.extend(sources.map(|error| text::<String>(format_args!("{error:?}"))));
        texts
    };
    let mut texts = Vec::new();
    // The error's own code may panic.
    let _ = crate::base::internal_thread::guarded(|| match value {
        FaultValue::Error(error) => texts = with_sources(error),
        FaultValue::Dynamic(error) => texts = with_sources(error),
        FaultValue::Within(within) => within.with(&mut |error| texts = with_sources(error)),
        FaultValue::Display(_) | FaultValue::Debug(_) | FaultValue::Opaque => {}
    });
    texts
}

fn remember(kind: Option<ErrorSite>, texts: &[String]) {
    let mut words: Vec<Words> = Vec::new();
    for text in texts {
        let found = Words::of(text, MAX_TEXT);
        if !found.is_empty() && !words.contains(&found) {
            words.push(found);
        }
    }
    let captured = Captured {
        at: clock::now(),
        kind,
        trace: context::place().trace,
        texts: words,
    };
    let Some(mut recent) = fork::lock(&RECENT) else {
        return;
    };
    if recent.len() >= MAX {
        recent.pop_front();
    }
    recent.push_back(captured);
}

/// Returns whether a log line describes an error that was captured.
pub(crate) fn matches(fields: &Fields, trace: u128) -> bool {
    if !is_enabled() {
        return false;
    }
    let now = clock::now();
    // Whether the line follows the call that captured an error, with no annotated call in between.
    let follows = context::just_reported();
    let last = LAST.get();
    let is_last = || last.fate == Fate::Throttled && clock::seconds(last.at, now) < MAX_DELAY;
    if follows && is_last() {
        return true;
    }
    let values = fields.latest().into_iter();
    let values: Vec<Words> = values
        .map(|(_, value)| Words::of(&value.to_string(), MAX_VALUE))
        .collect();
    let Some(mut recent) = fork::lock(&RECENT) else {
        return false;
    };
    while recent
        .front()
        .is_some_and(|oldest| clock::seconds(oldest.at, now) > WINDOW)
    {
        recent.pop_front();
    }
    recent.iter().any(|captured| {
        let is_near = follows || trace != 0 && captured.trace == trace;
        captured.is_mentioned_in(&values, is_near, now)
    })
}

impl Captured {
    fn is_mentioned_in(&self, values: &[Words], is_near: bool, now: u64) -> bool {
        let mention = |values: &[Words], text: &Words| {
            values.iter().any(|value| value.mentions(text, is_near))
        };
        if self.texts.iter().any(|text| mention(values, text)) {
            return true;
        }
        // Throttled errors are not remembered individually. They usually differ only in numbers from one that is.
        let is_over = |(site, label)| throttle::is_over(site, label, now);
        if !self.kind.is_some_and(is_over) {
            return false;
        }
        let values: Vec<Words> = values.iter().map(Words::without_numbers).collect();
        let mut texts = self.texts.iter().map(Words::without_numbers);
        texts.any(|text| mention(&values, &text))
    }
}

/// A text as words and symbols, each between spaces, so that wrapping, indentation and quotes do not matter.
#[derive(PartialEq, Eq)]
struct Words {
    row: String,
    count: usize,
}

impl Words {
    fn of(text: &str, limit: usize) -> Self {
        let mut words = Self {
            row: String::from(" "),
            count: 0,
        };
        let mut within = false;
        let read = cut(text, limit);
        let mut chars = read.chars();
        while let Some(c) = chars.next() {
            if c == '\u{1b}' {
                // Skip an ANSI escape sequence, which ends with a letter.
                chars.by_ref().find(char::is_ascii_alphabetic);
                within = false;
                continue;
            }
            let is_word = c.is_alphanumeric() || c == '_';
            if c.is_whitespace() || matches!(c, ',' | '"' | '\\') {
                within = false;
                continue;
            }
            if is_word && within {
                // Continue the word: remove the space after its last character.
                words.row.pop();
            } else if is_word {
                words.count += 1;
            }
            words.row.push(c);
            words.row.push(' ');
            within = is_word;
        }
        if within && read.len() < text.len() {
            // The text was truncated, possibly within the last word.
            let end = words.row.trim_end().rfind(' ').map_or(0, |blank| blank + 1);
            words.row.truncate(end);
        }
        words
    }

    /// Returns a copy with every word that has a digit replaced by `0`.
    fn without_numbers(&self) -> Self {
        let is_number = |word: &str| word.contains(|c: char| c.is_ascii_digit());
        let words = self.row.split_ascii_whitespace();
        let mut row = String::from(" ");
        for word in words.map(|word| if is_number(word) { "0" } else { word }) {
            row.push_str(word);
            row.push(' ');
        }
        Self {
            row,
            count: self.count,
        }
    }

    fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns whether it contains this text. A text of few words must be at the end, unless the line is near the capture.
    fn mentions(&self, text: &Self, is_near: bool) -> bool {
        if is_near || text.count >= FEW_WORDS {
            self.row.contains(&text.row)
        } else {
            self.row.ends_with(&text.row)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    fn mentions(line: &str, text: &str, is_near: bool) -> bool {
        Words::of(line, 4096).mentions(&Words::of(text, 512), is_near)
    }

    #[test]
    fn f60_a_line_mentions_an_error_in_any_form() {
        assert!(mentions(
            "connection error: reset by peer",
            "reset by peer",
            false
        ));
        assert!(mentions(
            "error=Refused { code: 3, by: \"bank\" }",
            "Refused { code: 3, by: \"bank\" }",
            false
        ));
        assert!(mentions(
            "Refused {\n    code: 3,\n    by: \"bank\",\n}",
            "Refused { code: 3, by: \"bank\" }",
            false
        ));
        let colored = "Error:\n   0: \u{1b}[91mreset by peer\u{1b}[0m";
        assert!(mentions(colored, "reset by peer", false));
        assert!(mentions(
            "Custom { kind: Other, error: \"a \\\"quoted\\\" text\" }",
            "a \"quoted\" text",
            false
        ));
    }

    #[test]
    fn f60_a_short_text_matches_at_the_end_or_nearby() {
        assert!(mentions("connection error: Timeout", "Timeout", false));
        assert!(!mentions("Timeout of another", "Timeout", false));
        assert!(mentions("Timeout of this one", "Timeout", true));
        assert!(!mentions("Timeouts", "Timeout", true));
    }
}
