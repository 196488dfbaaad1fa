//! The options of the attributes of functions.

use super::kinds::{
    Describe, Duration, Fields, Level, NoneIsError, Objective, OnFailure, Patterns, ReturnFormat,
    Skip, SpanKind,
};
use crate::grammar::kinds::{Flag, Path, Text, Tokens};
use crate::grammar::options::options;

options! {
    /// The options of `#[traced]`, `#[instrument]` and `#[capture_errors]`.
    pub(crate) struct Options {
        /// The span's name.
        name: Tokens, Value("\"..\""), on [Traced, Instrument], own;
        /// The span's level.
        level: Level, Value("\"info\""), on [Traced, Instrument], inherited;
        /// The span's target.
        target: Tokens, Value("\"..\""), on [Traced, Instrument], inherited;
        /// The span's kind.
        kind: SpanKind, Value("server"), on [Traced, Instrument], inherited;
        /// Fields that are recorded when the call begins.
        fields: Fields, List("name = value, .."), on [Traced, Instrument], own;
        /// Fields that are recorded if the call fails.
        on_failure: OnFailure, List("argument, .."), on [Traced, Instrument], own;
        /// Records all arguments.
        args: Flag, Flag, on [Traced], inherited;
        /// Excludes arguments from those that are recorded, or, as a bare word, a function from an annotated item.
        skip: Skip, FlagOrList("argument, .."), on [Traced, Instrument], inherited;
        /// Records no arguments.
        skip_all: Flag, Flag, on [Instrument], inherited;
        /// The duration above which a call is slow.
        slow: Duration, Value("\"1s\""), on [Traced, Instrument], inherited;
        /// The service level objective.
        objective: Objective, List("success = 99.9"), on [Traced, Instrument], inherited;
        /// Counts running calls.
        in_flight: Flag, Flag, on [Traced, Instrument], inherited;
        /// A histogram of the catalog that receives the duration too.
        metric: Tokens, Value("catalog::metric(label)"), on [Traced, Instrument], inherited;
        /// Counts a returned `None` as an error.
        none: NoneIsError, Value("\"error\""), on [Traced, Instrument], inherited;
        /// Decides whether a returned value is an error.
        error_if: Tokens, Value("|out| .."), on [Traced, Instrument], inherited;
        /// The trait that describes an error.
        describe: Describe, Value("display"), on [Traced, CaptureErrors, Instrument], inherited;
        /// The team that is responsible for the function.
        owner: Text, Value("\"..\""), on [Traced, Instrument], inherited;
        /// The span's parent.
        parent: Tokens, Value("span"), on [Instrument], inherited repeats;
        /// The spans that the span follows from.
        follows_from: Tokens, Value("spans"), on [Instrument], inherited repeats;
        /// Emits an event with a returned error.
        err: ReturnFormat, FlagOrList("Debug"), on [Instrument], inherited repeats;
        /// Emits an event with the returned value.
        ret: ReturnFormat, FlagOrList("Debug"), on [Instrument], inherited repeats;
        /// Patterns of errors that are not reported.
        ignore: Patterns, List("PATTERN"), on [CaptureErrors], inherited repeats;
        /// Allows field names that look like secrets.
        allow_sensitive: Flag, Flag, on [Traced, Instrument], inherited;
        /// Where `instrumental` is.
        krate as "crate": Path, Value("path"), on [Traced, CaptureErrors, Instrument], inherited;
    }
}

options! {
    /// The options of `#[business_event]` on a function.
    pub(crate) struct EmitOptions {
        /// The pattern that the returned value must match.
        on: Tokens, Value("PATTERN"), on [BusinessEvent], own;
        /// The team that is responsible for the event.
        owner: Text, Value("\"..\""), on [BusinessEvent], own;
        /// Allows field names that look like secrets.
        allow_sensitive: Flag, Flag, on [BusinessEvent], own;
        /// Where `instrumental` is.
        krate as "crate": Path, Value("path"), on [BusinessEvent], own;
    }
}
