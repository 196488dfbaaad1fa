//! Runs both twins in every way and compares them.

use super::drive::{Drive, Round, one};
use super::{Call, INPUTS, TRIP, ValueInfo};
use instrumental::testing::{self, Seen, Span};
use instrumental::{Outcome, capture_errors, set_tag, traced};

/// A function, plain and annotated.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The name of its file.
    pub name: &'static str,
    /// The tags of its parts.
    pub shape: &'static str,
    /// Runs the plain twin.
    pub plain: fn(),
    /// Runs the annotated twin.
    pub annotated: fn(),
    /// Whether the body runs when polled.
    pub polled: bool,
    /// Whether its spans must end like the call. Spans of streams may end at any item.
    pub spans: bool,
    /// The size of its largest argument in bytes.
    pub large: usize,
    /// Whether the future may store its arguments twice.
    pub again: bool,
    /// How many more copies of that argument are allowed, in a debug build and in an optimized one.
    pub copies: (usize, usize),
}

/// Limits for the cost of an annotation.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Copies of a large argument.
    pub copies: usize,
    /// Additional stack in bytes.
    pub stack: usize,
    /// Growth of a future in bytes.
    pub future: usize,
}

impl Limits {
    /// The limits for the profile of this build.
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

/// The differences between the annotated function and the plain one.
#[must_use]
pub fn differences(pair: &Pair, limits: Limits) -> Vec<String> {
    let mut all = Vec::new();
    let comparison = |when| Comparison { pair, when, limits };
    for round in rounds(pair) {
        let plain = one(pair.plain, round, &mut |run| run());
        let quiet = one(pair.annotated, round, &mut |run| run());
        comparison("").compare(&plain, &quiet, &mut all);
        let (captured, seen) = observed(pair, round);
        comparison("observed, ").compare(&plain, &captured, &mut all);
        check_outcome(pair, round, &captured, &seen, &mut all);
        check_later_calls(&captured, &seen, &mut all);
    }
    // A panic in an expression of the attribute must not leave an open call.
    let (tripped, seen) = observed(
        pair,
        Round {
            input: TRIP,
            drive: Drive::Whole,
        },
    );
    check_later_calls(&tripped, &seen, &mut all);
    all
}

/// Runs the annotated function in a capture, followed by two more calls.
fn observed(pair: &Pair, round: Round) -> (Call, Seen) {
    let mut captured = None;
    let call = one(pair.annotated, round, &mut |run| {
        let ((), seen) = testing::capture(|| {
            run();
            after_tagged();
            // Fails, to be reported.
            let _ = after_reported();
        });
        captured = Some(seen);
    });
    (call, captured.unwrap_or_else(|| testing::capture(|| ()).1))
}

/// Every input and, if the body is polled, every way to stop.
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

/// Compares two calls of a pair. `when` says in which way the annotated one ran.
struct Comparison<'a> {
    pair: &'a Pair,
    when: &'a str,
    limits: Limits,
}

impl Comparison<'_> {
    fn compare(&self, plain: &Call, annotated: &Call, all: &mut Vec<String>) {
        if plain.lines != annotated.lines {
            all.push(format!(
                "{}{}: plain {:?}, annotated {:?}",
                self.when, plain.how, plain.lines, annotated.lines
            ));
        }
        self.compare_stacks(plain, annotated, all);
        self.compare_values(&plain.value_info, &annotated.value_info, all);
    }

    fn compare_stacks(&self, plain: &Call, annotated: &Call, all: &mut Vec<String>) {
        let stack = annotated.stack.saturating_sub(plain.stack);
        let (debug, optimized) = self.pair.copies;
        let more = if cfg!(debug_assertions) {
            debug
        } else {
            optimized
        };
        // A larger future is moved as often as the plain one.
        let moved = if self.pair.polled && self.pair.again {
            2 * plain.stack
        } else {
            0
        };
        let limits = self.limits;
        let allowed = self.pair.large * (limits.copies + more) + moved + limits.stack;
        if plain.stack != 0 && stack > allowed {
            all.push(format!(
                "{}{}: {} bytes of stack, annotated {}",
                self.when, plain.how, plain.stack, annotated.stack
            ));
        }
    }

    fn compare_values(&self, plain: &ValueInfo, annotated: &ValueInfo, all: &mut Vec<String>) {
        let when = self.when;
        if plain.traits != annotated.traits {
            all.push(format!(
                "{when}is `{}`, annotated `{}`",
                plain.traits.trim(),
                annotated.traits.trim()
            ));
        }
        // The size of the plain future approximates the size of its arguments.
        let mut arguments = if self.pair.again { 2 * plain.size } else { 0 };
        // `on_failure` borrows the values that it reads.
        if self.pair.shape.contains("attribute:on_failure") {
            arguments += 48;
        }
        if annotated.size > plain.size + arguments + self.limits.future {
            all.push(format!(
                "{when}{} bytes, annotated {}",
                plain.size, annotated.size
            ));
        }
    }
}

/// Checks that the call has one span and that their outcomes agree.
fn check_outcome(pair: &Pair, round: Round, call: &Call, seen: &Seen, all: &mut Vec<String>) {
    if !pair.spans || round.drive == Drive::Polls(0) {
        return;
    }
    let own = |span: &&Span| !span.name.starts_with("after_");
    let outcomes: Vec<_> = seen.spans().filter(own).map(|span| span.outcome).collect();
    let own = call
        .lines
        .iter()
        .any(|line| line.starts_with("panic ") && !line.contains("`another panic`"));
    let cancelled = call
        .lines
        .iter()
        .any(|line| line.contains("cancelled") || line.contains("`another panic`"));
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

/// Checks that later calls on this thread do not see an open call or its tags.
fn check_later_calls(call: &Call, seen: &Seen, all: &mut Vec<String>) {
    let mut after = seen.spans().filter(|span| span.name.starts_with("after_"));
    if let Some(span) = after.find(|span| span.parent_id != 0) {
        all.push(format!(
            "{}: a later call, `{}`, has a parent",
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

/// Runs the pairs of a generated program, or those after the pair named by the first argument. Prints a line when a pair
/// begins, a line for each difference, and the number of differing pairs at the end.
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
