//! The pretty format, for terminals: one line for each record.

use super::calls::Call;
use super::paint::{Color, Paint};
use crate::base::text::{escape, time};
use crate::model::fields::{FieldValue, Fields};
use crate::model::level::Level;
use crate::model::record::{EventRecord, LogRecord, Place, Record, Report};
use crate::pipeline::calendar;
use std::fmt::Write;
use std::time::SystemTime;

/// Writes a record. `around` contains the fields of the enclosing span.
pub(super) fn record(out: &mut String, record: &Record, around: Option<&Fields>, paint: Paint) {
    match record {
        Record::Event(event) => self::event(out, event, paint),
        Record::Log(log) => self::log(out, log, paint),
        Record::Report(report) => self::report(out, report, around, paint),
        Record::Incoming(..) => {}
    }
}

/// Writes the beginning or the end of a call.
pub(super) fn call(out: &mut String, call: &Call<'_>, paint: Paint) {
    head(out, call.time, call.level(), paint);
    out.push_str(if call.ended { "← " } else { "→ " });
    escape::text(out, call.span.name());
    if let Some(fields) = call.fields.filter(|_| !call.ended) {
        escape::fields(out, fields);
    }
    if call.ended {
        let _ = write!(
            out,
            " {} {}",
            call.span.ending(),
            time::duration(call.span.duration)
        );
    }
    let place = Place {
        trace: call.span.trace,
        span: call.span.span,
        ..Place::default()
    };
    tail(out, place, paint);
}

fn event(out: &mut String, event: &EventRecord, paint: Paint) {
    head(out, event.time, tracing::Level::INFO, paint);
    paint.text(out, Color::Bold, event.site.spec().name);
    escape::fields(out, &event.fields);
    tail(out, event.place, paint);
}

fn log(out: &mut String, log: &LogRecord, paint: Paint) {
    head(out, log.time, *log.metadata.level(), paint);
    paint.with(out, Color::Dim, |out| {
        escape::text(out, log.metadata.target());
        out.push(':');
    });
    match log.fields.get("message") {
        Some(FieldValue::Str(message)) => {
            out.push(' ');
            escape::text(out, message);
        }
        Some(number) => drop(write!(out, " {number}")),
        None => {}
    }
    for (name, value) in log.fields.latest() {
        if name != "message" {
            pair(out, "", name, |out| escape::value(out, value));
        }
    }
    tail(out, log.place, paint);
}

fn report(out: &mut String, report: &Report, around: Option<&Fields>, paint: Paint) {
    let level = super::level::of(report.level);
    head(out, report.time, level, paint);
    if report.level == Level::Fatal {
        out.push_str("fatal ");
    }
    if !report.label.is_empty() {
        paint.with(out, Color::Bold, |out| escape::text(out, report.label));
        out.push_str(": ");
    }
    escape::text(out, &report.text);
    for cause in report.chain.iter().map(|source| &source.text) {
        out.push_str(", caused by: ");
        escape::text(out, cause);
    }
    if let Some(site) = report.site {
        out.push_str(" in ");
        escape::text(out, site.function());
    }
    if let Some(fields) = around {
        escape::fields(out, fields);
    }
    context(out, report);
    stack(out, report, paint);
    tail(out, report.place, paint);
}

/// Writes the user, the tags and the extra data of a report.
fn context(out: &mut String, report: &Report) {
    if let Some(user) = &report.user {
        let (email, role) = (user.email.as_deref(), user.role.as_deref());
        for (key, value) in [("id", Some(&*user.id)), ("email", email), ("role", role)] {
            if let Some(value) = value {
                pair(out, "user.", key, |out| escape::word(out, value));
            }
        }
    }
    for (key, value) in report.tags.iter().chain(&report.extra) {
        pair(out, "", key, |out| escape::word(out, value));
    }
    if report.repeats > 0 {
        let _ = write!(out, " suppressed={}", report.repeats);
    }
}

fn pair(out: &mut String, prefix: &str, key: &str, value: impl FnOnce(&mut String)) {
    out.push(' ');
    out.push_str(prefix);
    escape::text(out, key);
    out.push('=');
    value(out);
}

/// Writes the enclosing annotated calls, the innermost first.
fn stack(out: &mut String, report: &Report, paint: Paint) {
    if report.stack.is_empty() {
        return;
    }
    paint.with(out, Color::Dim, |out| {
        for (n, site) in report.stack.iter().rev().enumerate() {
            out.push_str(if n == 0 { " at " } else { " < " });
            escape::text(out, site.function());
            let _ = write!(out, " ({}:{})", site.spec().file, site.spec().line);
        }
    });
}

/// Writes the beginning of every line: time and level.
fn head(out: &mut String, at: SystemTime, level: tracing::Level, paint: Paint) {
    paint.with(out, Color::Dim, |out| calendar::rfc3339(out, at));
    out.push(' ');
    paint.level(out, level);
    out.push(' ');
}

/// Writes the end of every line: the trace context.
fn tail(out: &mut String, place: Place, paint: Paint) {
    if place.trace != 0 {
        paint.with(out, Color::Dim, |out| {
            let _ = write!(
                out,
                " trace_id={:032x} span_id={:016x}",
                place.trace, place.span
            );
        });
    }
}
