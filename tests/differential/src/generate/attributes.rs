//! The attributes of annotated twins. `REC` is a placeholder for an argument that can be recorded.

/// A combination of attributes.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) tag: &'static str,
    pub(super) lines: &'static [&'static str],
    pub(super) needs: &'static [Requirement],
}

/// A property that a function must have for an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Requirement {
    /// An argument to record.
    Record,
    /// An argument that the body does not move.
    Kept,
    /// A returned error.
    Fallible,
    /// A `Result` whose error implements `Display`.
    Displayed,
    /// A `Result` whose error implements `Debug`.
    Debugged,
    /// A returned value that implements `Debug`.
    Value,
    /// Arguments that all implement `Debug`.
    Arguments,
    /// An `Option`.
    Optional,
    /// A single function: the attribute is not for blocks.
    One,
}

use Requirement::{Arguments, Debugged, Displayed, Fallible, Kept, One, Optional, Record, Value};

const fn of(
    tag: &'static str,
    lines: &'static [&'static str],
    needs: &'static [Requirement],
) -> Attribute {
    Attribute { tag, lines, needs }
}

/// Every attribute.
pub(super) const ATTRIBUTES: &[Attribute] = &[
    of("traced", &["#[traced]"], &[]),
    of("traced_again", &["#[traced]"], &[]),
    of("in_flight", &["#[traced(in_flight)]"], &[]),
    of(
        "slow",
        &["#[traced(slow = \"1s\", owner = \"shop\", kind = client, level = \"debug\")]"],
        &[],
    ),
    of(
        "name",
        &["#[traced(name = \"other\", target = \"elsewhere\")]"],
        &[One],
    ),
    of(
        "objective",
        &["#[traced(objective(success = 99.9, latency = \"250ms\", at = 99.0))]"],
        &[One],
    ),
    of("argument", &["#[traced(REC)]"], &[One, Record]),
    of("argument_debugged", &["#[traced(?REC)]"], &[One, Record]),
    of(
        "argument_expression",
        &["#[traced(fields(again = ?REC, %REC, n = 1 + 1))]"],
        &[One, Record],
    ),
    of("args", &["#[traced(args)]"], &[Arguments]),
    of(
        "skip_first",
        &["#[traced(args, skip(REC))]"],
        &[One, Record, Arguments],
    ),
    of(
        "fields",
        &["#[traced(fields(k = trip(), shown = %Tripping))]"],
        &[One],
    ),
    of(
        "fields_with_return",
        &["#[traced(fields(k = if trip() == 3 { 1 } else { 2 }, later = Empty))]"],
        &[One],
    ),
    of(
        "metric",
        &["#[traced(metric = times::took(trip() == 0))]"],
        &[],
    ),
    of(
        "error_if",
        &["#[traced(error_if = |out| trips(out) || trip() == 9)]"],
        &[One],
    ),
    of(
        "error_if_captured",
        &[
            "#[traced(error_if = |out| trips(out) || trip() == 9)]",
            "#[capture_errors]",
        ],
        &[One, Fallible],
    ),
    of("none", &["#[traced(none = \"error\")]"], &[Optional]),
    of("on_failure", &["#[traced(on_failure(k = trip()))]"], &[One]),
    of(
        "on_failure_argument",
        &["#[traced(on_failure(REC))]"],
        &[One, Record, Kept],
    ),
    of(
        "on_failure_clone",
        &["#[traced(on_failure(clone(REC), ?REC))]"],
        &[One, Record],
    ),
    of("captured", &["#[traced]", "#[capture_errors]"], &[Fallible]),
    of(
        "captured_before",
        &["#[capture_errors]", "#[traced(slow = \"2s\")]"],
        &[Fallible],
    ),
    of("captured_alone", &["#[capture_errors]"], &[Fallible]),
    of(
        "ignored",
        &["#[traced]", "#[capture_errors(ignore(_))]"],
        &[Fallible],
    ),
    of(
        "event",
        &["#[traced]", "#[business_event(\"diff.done\", n = trip())]"],
        &[One],
    ),
    of(
        "event_alone",
        &["#[business_event(\"diff.argument\", REC)]"],
        &[One, Record],
    ),
    of(
        "event_on",
        &[
            "#[business_event(\"diff.ok\", on = Ok(..))]",
            "#[traced(fields(k = trip()))]",
        ],
        &[One, Displayed],
    ),
    of("instrument", &["#[instrument]"], &[One, Arguments]),
    of("skip_all", &["#[instrument(skip_all)]"], &[One]),
    of("skip_all_again", &["#[instrument(skip_all)]"], &[One]),
    of(
        "instrument_fields",
        &["#[instrument(skip_all, name = \"x\", level = \"debug\", fields(k = trip(), s = 1))]"],
        &[One],
    ),
    of(
        "instrument_argument",
        &["#[instrument(skip_all, fields(REC, again = ?REC))]"],
        &[One, Record],
    ),
    of("err", &["#[instrument(skip_all, err)]"], &[One, Displayed]),
    of(
        "err_debugged",
        &["#[instrument(skip_all, err(Debug))]"],
        &[One, Debugged],
    ),
    of(
        "err_and_ret",
        &["#[instrument(err, ret)]"],
        &[One, Displayed, Arguments, Value],
    ),
    of("ret", &["#[instrument(skip_all, ret)]"], &[One, Value]),
    of(
        "instrument_captured",
        &["#[instrument(skip_all)]", "#[capture_errors]"],
        &[One, Fallible],
    ),
];
