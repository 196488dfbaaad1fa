//! Errors that were captured lately, in words: so that a line of the log that tells of one is known as that, also where
//! it is written when the call has returned, or by another task.

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

/// Errors remembered. Each is for as long as more of its kind may not be reported.
const MAX: usize = 128;
/// Of each error its sources up to here, and of each text so many bytes.
const MAX_SOURCES: usize = 4;
const MAX_TEXT: usize = 512;
/// Bytes of a line's value that are read.
const MAX_VALUE: usize = 4096;
/// Texts of fewer words are found in many a line that tells of something else.
const SHORT: usize = 3;
/// How long after a capture over its limit a line is taken to tell of it, in seconds.
const AT_ONCE: f64 = 0.02;

static WANTED: AtomicBool = AtomicBool::new(false);
static LATELY: Mutex<VecDeque<Captured>> = Mutex::new(VecDeque::new());

thread_local! {
    /// What became of the error that this thread captured last, and when.
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

/// Function and label, by which errors are counted against the limit.
type ErrorSite = (&'static Site, &'static str);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Reported,
    OverLimit,
}

struct Captured {
    at: u64,
    kind: Option<ErrorSite>,
    trace: u128,
    texts: Vec<Words>,
}

/// From now on errors are remembered: a backend pairs them with lines.
pub(crate) fn want() {
    WANTED.store(true, Relaxed);
}

fn is_wanted() -> bool {
    WANTED.load(Relaxed)
}

/// An error was reported.
pub(super) fn reported(
    kind: Option<ErrorSite>,
    value: FaultValue<'_>,
    text: &str,
    chain: &[Source],
) {
    if !is_wanted() {
        return;
    }
    LAST.set(Last {
        fate: Fate::Reported,
        at: clock::now(),
        kind,
    });
    let mut texts = vec![text.to_owned()];
    texts.extend(debugged(value));
    let sources = chain.iter().take(MAX_SOURCES);
    texts.extend(sources.map(|source| source.text.clone()));
    remember(kind, &texts);
}

/// An error is not reported, as there were too many like it.
pub(super) fn over_limit() {
    if is_wanted() {
        LAST.set(Last {
            fate: Fate::OverLimit,
            at: clock::now(),
            kind: None,
        });
    }
}

/// An error that has been reported is handed on by an outer call, which may have made another of it.
pub(super) fn handed_on(value: FaultValue<'_>) {
    let last = LAST.get();
    if is_wanted() && last.fate == Fate::Reported {
        let (text, chain) = super::describe(value);
        reported(last.kind, value, &text, &chain);
    }
}

/// The error and its sources as `Debug` writes them.
fn debugged(value: FaultValue<'_>) -> Vec<String> {
    let with_sources = |error: &dyn Error| {
        let sources = std::iter::successors(error.source(), |&error| error.source());
        let sources = sources.take(MAX_SOURCES);
        let mut texts: Vec<String> = vec![text(format_args!("{error:?}"))];
        texts.extend(sources.map(|error| text::<String>(format_args!("{error:?}"))));
        texts
    };
    let mut texts = Vec::new();
    // Code of the error's own.
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
    let Some(mut lately) = fork::lock(&LATELY) else {
        return;
    };
    if lately.len() >= MAX {
        lately.pop_front();
    }
    lately.push_back(captured);
}

/// Whether a line of the log tells of an error that was captured.
pub(crate) fn tells(fields: &Fields, trace: u128) -> bool {
    if !is_wanted() {
        return false;
    }
    let now = clock::now();
    // Of the call that has just ended; nothing annotated has run since.
    let follows = context::just_reported();
    let last = LAST.get();
    let is_last = || last.fate == Fate::OverLimit && clock::seconds(last.at, now) < AT_ONCE;
    if follows && is_last() {
        return true;
    }
    let values = fields.latest().into_iter();
    let values: Vec<Words> = values
        .map(|(_, value)| Words::of(&value.to_string(), MAX_VALUE))
        .collect();
    let Some(mut lately) = fork::lock(&LATELY) else {
        return false;
    };
    while lately
        .front()
        .is_some_and(|oldest| clock::seconds(oldest.at, now) > WINDOW)
    {
        lately.pop_front();
    }
    lately.iter().any(|captured| {
        let is_near = follows || trace != 0 && captured.trace == trace;
        captured.is_told_by(&values, is_near, now)
    })
}

impl Captured {
    fn is_told_by(&self, values: &[Words], is_near: bool, now: u64) -> bool {
        let tell =
            |values: &[Words], text: &Words| values.iter().any(|value| value.tells(text, is_near));
        if self.texts.iter().any(|text| tell(values, text)) {
            return true;
        }
        // Of those that were too many, one stands for all: what they differ in is numbers.
        let is_over = |(site, label)| throttle::is_over(site, label, now);
        if !self.kind.is_some_and(is_over) {
            return false;
        }
        let values: Vec<Words> = values.iter().map(Words::without_numbers).collect();
        let mut texts = self.texts.iter().map(Words::without_numbers);
        texts.any(|text| tell(&values, &text))
    }
}

/// A text as a row of words and signs, each between blanks: however it is wrapped, indented or set in quotes.
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
                // A colour of a terminal ends with its letter.
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
                // Goes on where the blank is.
                words.row.pop();
            } else if is_word {
                words.count += 1;
            }
            words.row.push(c);
            words.row.push(' ');
            within = is_word;
        }
        if within && read.len() < text.len() {
            // The last word is half of one, maybe.
            let end = words.row.trim_end().rfind(' ').map_or(0, |blank| blank + 1);
            words.row.truncate(end);
        }
        words
    }

    /// The same with one number in place of every word that has a digit.
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

    /// Whether it holds this text. One of few words has to be what it ends with, unless it is near.
    fn tells(&self, text: &Self, is_near: bool) -> bool {
        if is_near || text.count >= SHORT {
            self.row.contains(&text.row)
        } else {
            self.row.ends_with(&text.row)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    fn tells(line: &str, text: &str, is_near: bool) -> bool {
        Words::of(line, 4096).tells(&Words::of(text, 512), is_near)
    }

    #[test]
    fn f60_a_line_tells_of_an_error_in_whatever_form() {
        assert!(tells(
            "connection error: reset by peer",
            "reset by peer",
            false
        ));
        assert!(tells(
            "error=Refused { code: 3, by: \"bank\" }",
            "Refused { code: 3, by: \"bank\" }",
            false
        ));
        assert!(tells(
            "Refused {\n    code: 3,\n    by: \"bank\",\n}",
            "Refused { code: 3, by: \"bank\" }",
            false
        ));
        let colored = "Error:\n   0: \u{1b}[91mreset by peer\u{1b}[0m";
        assert!(tells(colored, "reset by peer", false));
        assert!(tells(
            "Custom { kind: Other, error: \"a \\\"quoted\\\" text\" }",
            "a \"quoted\" text",
            false
        ));
    }

    #[test]
    fn f60_a_short_text_is_told_at_the_end_or_nearby() {
        assert!(tells("connection error: Timeout", "Timeout", false));
        assert!(!tells("Timeout of another", "Timeout", false));
        assert!(tells("Timeout of this one", "Timeout", true));
        assert!(!tells("Timeouts", "Timeout", true));
    }
}
