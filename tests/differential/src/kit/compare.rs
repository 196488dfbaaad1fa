//! Runs both twins in every way and tells how they differ.

use super::drive::{Drive, Round, one};
use super::{Call, INPUTS, TRIP};
use instrumental::testing::{self, Seen, Span};
use instrumental::{Outcome, capture_errors, set_tag, traced};

/// A function, plain and annotated.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Names its file.
    pub name: &'static str,
    /// What was combined.
    pub shape: &'static str,
    /// Runs the plain one.
    pub plain: fn(),
    /// Runs the annotated one.
    pub noted: fn(),
    /// Whether it runs when it is polled.
    pub polled: bool,
    /// Whether its calls are spans that end as they do: those of streams may end at any item.
    pub spans: bool,
    /// Bytes of its largest argument.
    pub large: usize,
    /// Whether the future may hold its arguments once more.
    pub again: bool,
    /// How often more that argument may be copied, in a debug build and in an optimized one.
    pub copies: (usize, usize),
}

/// What an annotated function may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Copies of a large argument.
    pub copies: usize,
    /// Bytes of stack beside.
    pub stack: usize,
    /// Bytes that a future grows by.
    pub future: usize,
}

impl Limits {
    /// Of the profile that this was built with.
    #[must_use]
    pub fn of_this_build() -> Self {
        let debug = cfg!(debug_assertions);
        Self {
            copies: usize::from(debug),
            stack: if debug { 6 << 10 } else { 2 << 10 },
            future: 96,
        }
    }
}

/// How the annotated function differs from the plain one: nothing, if all is well.
#[must_use]
pub fn differences(pair: &Pair, limits: Limits) -> Vec<String> {
    let mut all = Vec::new();
    for round in rounds(pair) {
        let plain = one(pair.plain, round, &mut |run| run());
        let quiet = one(pair.noted, round, &mut |run| run());
        compare(pair, "", &plain, &quiet, limits, &mut all);
        let (captured, seen) = observed(pair, round);
        compare(pair, "observed, ", &plain, &captured, limits, &mut all);
        ended(pair, round, &captured, &seen, &mut all);
        left_behind(&captured, &seen, &mut all);
    }
    // Expressions of the attribute that panic leave nothing behind, whatever becomes of the call.
    let (tripped, seen) = observed(
        pair,
        Round {
            input: TRIP,
            drive: Drive::Whole,
        },
    );
    left_behind(&tripped, &seen, &mut all);
    all
}

/// The annotated function while somebody listens, and two calls after it.
fn observed(pair: &Pair, round: Round) -> (Call, Seen) {
    let mut heard = None;
    let call = one(pair.noted, round, &mut |run| {
        let ((), seen) = testing::capture(|| {
            run();
            after_tagged();
            // It fails so that it is reported.
            let _ = after_reported();
        });
        heard = Some(seen);
    });
    (call, heard.unwrap_or_else(|| testing::capture(|| ()).1))
}

/// Every input, and where it is polled, every way to stop.
fn rounds(pair: &Pair) -> Vec<Round> {
    let whole = (0..INPUTS).map(|input| Round {
        input,
        drive: Drive::Whole,
    });
    let mut all: Vec<_> = whole.collect();
    if pair.polled {
        let stops = (0..3).map(Drive::Polls).chain([Drive::Unwinding]);
        all.extend(stops.map(|drive| Round { input: 0, drive }));
    }
    all
}

fn compare(
    pair: &Pair,
    when: &str,
    plain: &Call,
    noted: &Call,
    limits: Limits,
    all: &mut Vec<String>,
) {
    let how = format!("{when}{}", plain.how);
    if plain.lines != noted.lines {
        all.push(format!(
            "{how}: plain {:?}, annotated {:?}",
            plain.lines, noted.lines
        ));
    }
    let stack = noted.stack.saturating_sub(plain.stack);
    let (debug, optimized) = pair.copies;
    let more = if cfg!(debug_assertions) {
        debug
    } else {
        optimized
    };
    // A future that is larger is moved as often as the plain one.
    let moved = if pair.polled && pair.again {
        2 * plain.stack
    } else {
        0
    };
    let allowed = pair.large * (limits.copies + more) + moved + limits.stack;
    if plain.stack != 0 && stack > allowed {
        all.push(format!(
            "{how}: {} bytes of stack, annotated {}",
            plain.stack, noted.stack
        ));
    }
    if plain.look.traits != noted.look.traits {
        all.push(format!(
            "{when}is `{}`, annotated `{}`",
            plain.look.traits.trim(),
            noted.look.traits.trim()
        ));
    }
    // The plain future is hardly more than its arguments, where it holds them once; where twice, this allows for more.
    let mut arguments = if pair.again { 2 * plain.look.size } else { 0 };
    // What reads the values of a call that has failed borrows them.
    if pair.shape.contains("attribute:on_failure") {
        arguments += 48;
    }
    if noted.look.size > plain.look.size + arguments + limits.future {
        all.push(format!(
            "{when}{} bytes, annotated {}",
            plain.look.size, noted.look.size
        ));
    }
}

/// Whether the call was measured, and ended as it did.
fn ended(pair: &Pair, round: Round, call: &Call, seen: &Seen, all: &mut Vec<String>) {
    if !pair.spans || round.drive == Drive::Polls(0) {
        return;
    }
    let own = |span: &&Span| !span.name.starts_with("after_");
    let outcomes: Vec<_> = seen.spans().filter(own).map(|span| span.outcome).collect();
    let own = call
        .lines
        .iter()
        .any(|line| line.starts_with("panic ") && !line.contains("`somebody else`"));
    let cancelled = call
        .lines
        .iter()
        .any(|line| line.contains("cancelled") || line.contains("`somebody else`"));
    let right = match outcomes[..] {
        [Some(Outcome::Panicked)] => own,
        [Some(Outcome::Cancelled)] => cancelled && !own,
        [Some(Outcome::Ok | Outcome::Error)] => !own && !cancelled,
        _ => false,
    };
    if !right {
        let what = if own {
            "panicked"
        } else if cancelled {
            "was cancelled"
        } else {
            "returned"
        };
        all.push(format!(
            "{}: it {what}, its spans ended with {outcomes:?}",
            call.how
        ));
    }
}

#[traced]
fn after_tagged() {
    set_tag("left", "behind");
}

#[traced]
#[capture_errors]
fn after_reported() -> Result<(), std::fmt::Error> {
    Err(std::fmt::Error)
}

/// What a later call on this thread finds of this one.
fn left_behind(call: &Call, seen: &Seen, all: &mut Vec<String>) {
    let mut after = seen.spans().filter(|span| span.name.starts_with("after_"));
    if let Some(span) = after.find(|span| span.parent_id != 0) {
        all.push(format!(
            "{}: left behind on the thread: `{}` has a parent",
            call.how, span.name
        ));
    }
    let mut reports = seen
        .reports()
        .filter(|report| report.function.contains("after_reported"));
    if reports.any(|report| report.tags.iter().any(|(key, _)| key == "left")) {
        all.push(format!(
            "{}: a report has the tag of another call",
            call.how
        ));
    }
}

/// Runs the pairs of a generated program, those behind the one that is named, if one is: tells each as it begins, its
/// differences, a line each, and in the end how many differ.
#[must_use]
pub fn main(pairs: &[Pair]) -> std::process::ExitCode {
    let limits = Limits::of_this_build();
    let mut differing = 0;
    let after = std::env::args().nth(1).unwrap_or_default();
    for pair in pairs.iter().filter(|pair| pair.name > after.as_str()) {
        println!("begun\t{}", pair.name);
        let found = differences(pair, limits);
        differing += usize::from(!found.is_empty());
        for difference in found {
            println!("{}\t{}\t{difference}", pair.name, pair.shape);
        }
    }
    println!("ran\t{}\t{differing}", pairs.len());
    if differing == 0 {
        std::process::ExitCode::SUCCESS
    } else {
        std::process::ExitCode::FAILURE
    }
}
