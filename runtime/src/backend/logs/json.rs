//! The JSON format: one line for each record.

use super::calls::Call;
use crate::base::settings::Identity;
use crate::base::text::json::{Object, list, object, quoted};
use crate::model::fields::Fields;
use crate::model::level::Level;
use crate::model::record::{EventRecord, LogRecord, Place, Record, Report, ReportKind};
use crate::pipeline::calendar;
use std::fmt::Write;
use std::time::SystemTime;

/// Formats records as JSON, each with the identity of this process.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    identity: Identity,
    /// Whether lines carry Datadog's ids and names as well.
    datadog: bool,
}

impl Writer {
    /// Creates a writer of records of the process with this identity.
    pub(super) fn new(identity: Identity, datadog: bool) -> Self {
        Self { identity, datadog }
    }

    /// Writes a record. `around` contains the fields of the enclosing span.
    pub(super) fn record(&self, out: &mut String, record: &Record, around: Option<&Fields>) {
        object(out, |line| match record {
            Record::Event(event) => self::event(line, event, self),
            Record::Log(log) => self::log(line, log, self),
            Record::Report(report) => self::report(line, report, around, self),
            Record::Incoming(..) => {}
        });
    }

    /// Writes the beginning or the end of a call.
    pub(super) fn call(&self, out: &mut String, call: &Call<'_>) {
        object(out, |line| {
            let level = call.level().as_str();
            head(line, call.time, level, call.target);
            let (arrow, name) = (if call.ended { "←" } else { "→" }, call.span.name());
            line.text("message", &format!("{arrow} {name}"));
            if call.ended {
                line.text("outcome", call.span.ending());
                line.plain("duration", call.span.duration.as_secs_f64());
            }
            if let Some(fields) = call.fields {
                line.object("fields", |object| object.fields(fields));
            }
            let place = Place {
                trace: call.span.trace,
                span: call.span.span,
                ..Place::default()
            };
            tail(line, place, self, level);
        });
    }

    /// Writes a notice about lost lines.
    pub(super) fn lost(&self, out: &mut String, lost: u64, now: SystemTime) {
        object(out, |line| {
            head(line, now, "WARN", "instrumental");
            line.text("message", &format!("{lost} lines were lost"));
            line.plain("dropped", lost);
            tail(line, Place::default(), self, "WARN");
        });
    }

    /// Writes text that is not a record of the program, such as a tree, as the message of a line.
    pub(super) fn text(&self, out: &mut String, text: &str) {
        object(out, |line| {
            head(line, SystemTime::now(), "INFO", "instrumental");
            line.text("message", text);
            tail(line, Place::default(), self, "INFO");
        });
    }
}

fn event(line: &mut Object<'_>, event: &EventRecord, writer: &Writer) {
    let name = event.site.spec().name;
    head(line, event.time, "INFO", event.site.spec().module);
    line.text("event", name);
    line.text("message", name);
    line.object("fields", |fields| fields.fields(&event.fields));
    tail(line, event.place, writer, "INFO");
}

fn log(line: &mut Object<'_>, log: &LogRecord, writer: &Writer) {
    let level = log.metadata.level().as_str();
    head(line, log.time, level, log.metadata.target());
    let message = log.fields.get("message");
    line.text(
        "message",
        &message.map_or_else(String::new, |m| m.to_string()),
    );
    line.object("fields", |fields| {
        for (name, value) in log.fields.latest() {
            if name != "message" {
                fields.value(name, value);
            }
        }
    });
    tail(line, log.place, writer, level);
}

fn report(line: &mut Object<'_>, report: &Report, around: Option<&Fields>, writer: &Writer) {
    let target = report
        .site
        .map_or("instrumental", |site| site.spec().module);
    let level = super::level::of(report.level).as_str();
    head(line, report.time, level, target);
    if report.level == Level::Fatal {
        line.key("fatal").push_str("true");
    }
    line.text("message", &report.text);
    if matches!(report.kind, ReportKind::Error | ReportKind::Manual) {
        line.object("error", |error| {
            error.text("type", report.label);
            if !report.type_name.is_empty() {
                error.text("type_name", report.type_name);
            }
            if !report.chain.is_empty() {
                list(error.key("caused_by"), &report.chain, |out, source| {
                    quoted(out, &source.text)
                });
            }
        });
    }
    if let Some(site) = report.site {
        line.text("function", site.function());
    }
    if !report.stack.is_empty() {
        list(line.key("stack"), &report.stack, |out, site| {
            object(out, |frame| {
                frame.text("function", site.function());
                frame.text("file", site.spec().file);
                frame.plain("line", site.spec().line);
            });
        });
    }
    context(line, report, around);
    tail(line, report.place, writer, level);
}

/// Writes the fields, the user, the tags and the extra data of a report.
fn context(line: &mut Object<'_>, report: &Report, around: Option<&Fields>) {
    if let Some(fields) = around {
        line.object("fields", |object| object.fields(fields));
    }
    if let Some(user) = &report.user {
        line.object("user", |object| {
            object.text("id", &user.id);
            for (key, value) in [("email", &user.email), ("role", &user.role)] {
                if let Some(value) = value {
                    object.text(key, value);
                }
            }
        });
    }
    for (key, pairs) in [("tags", &report.tags), ("extra", &report.extra)] {
        if !pairs.is_empty() {
            line.object(key, |object| {
                for (n, (key, value)) in pairs.iter().enumerate() {
                    // JSON objects must not repeat a key: the last value wins.
                    if !pairs[n + 1..].iter().any(|(later, _)| later == key) {
                        object.text(key, value);
                    }
                }
            });
        }
    }
    if report.repeats > 0 {
        line.plain("suppressed", report.repeats);
    }
}

/// Writes the fields at the beginning of every line.
fn head(line: &mut Object<'_>, at: SystemTime, level: &str, target: &str) {
    let out = line.key("timestamp");
    out.push('"');
    calendar::rfc3339(out, at);
    out.push('"');
    line.text("level", level);
    line.text("target", target);
}

/// Writes the fields at the end of every line: trace context and identity.
fn tail(line: &mut Object<'_>, place: Place, writer: &Writer, level: &str) {
    if place.trace != 0 {
        let _ = write!(line.key("trace_id"), "\"{:032x}\"", place.trace);
        let _ = write!(line.key("span_id"), "\"{:016x}\"", place.span);
    }
    let identity = &writer.identity;
    line.text("service", &identity.service);
    line.text("env", &identity.environment);
    if let Some(version) = &identity.version {
        line.text("version", version);
    }
    if writer.datadog {
        datadog(line, place, identity, level);
    }
}

/// Writes trace context and identity under Datadog's names, by which Datadog connects logs and traces.
fn datadog(line: &mut Object<'_>, place: Place, identity: &Identity, level: &str) {
    if place.trace != 0 {
        let _ = write!(line.key("dd.trace_id"), "\"{:032x}\"", place.trace);
        let _ = write!(line.key("dd.span_id"), "\"{}\"", place.span);
    }
    line.text("dd.service", &identity.service);
    line.text("dd.env", &identity.environment);
    if let Some(version) = &identity.version {
        line.text("dd.version", version);
    }
    line.text("ddsource", "rust");
    line.text("status", &level.to_ascii_lowercase());
}
