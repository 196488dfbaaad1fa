//! A record as one line of JSON.

use super::calls::Call;
use crate::model::scope::Level;
use crate::settings::Identity;
use crate::tap::{EventRecord, LogRecord, Place, Record, Report, ReportKind};
use crate::text::{escape::is_harmful, time};
use crate::trace::fields::{FieldValue, Fields};
use std::fmt::Write;
use std::time::SystemTime;

/// Writes records, with what every line of this process says.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    identity: Identity,
    /// Whether lines carry Datadog's ids and names as well.
    datadog: bool,
}

impl Writer {
    pub(super) fn new(identity: Identity, datadog: bool) -> Self {
        Self { identity, datadog }
    }

    /// Writes a record. `around` are the fields of the span it happened in.
    pub(super) fn record(&self, out: &mut String, record: &Record, around: Option<&Fields>) {
        object(out, |line| match record {
            Record::Event(event) => self::event(line, event, self),
            Record::Log(log) => self::log(line, log, self),
            Record::Report(report) => self::report(line, report, around, self),
            Record::Incoming(..) => {}
        });
    }

    /// Writes one end of a call.
    pub(super) fn call(&self, out: &mut String, call: &Call<'_>) {
        object(out, |line| {
            head(line, call.time, call.level().as_str(), call.target);
            let (arrow, name) = (if call.ended { "←" } else { "→" }, call.span.name());
            line.text("message", &format!("{arrow} {name}"));
            if call.ended {
                line.text("outcome", call.span.outcome.as_str());
                let _ = write!(line.key("duration"), "{}", call.span.duration.as_secs_f64());
            }
            if let Some(fields) = call.fields {
                line.object("fields", |object| object.fields(fields));
            }
            let place = Place {
                trace: call.span.trace,
                span: call.span.span,
                ..Place::default()
            };
            tail(line, place, self);
        });
    }

    /// Writes that lines were lost.
    pub(super) fn lost(&self, out: &mut String, lost: u64, now: SystemTime) {
        object(out, |line| {
            head(line, now, "WARN", "instrumental");
            line.text("message", &format!("{lost} lines were lost"));
            let _ = write!(line.key("dropped"), "{lost}");
            tail(line, Place::default(), self);
        });
    }

    /// Writes a text that is no record of the program's, as one.
    pub(super) fn text(&self, out: &mut String, text: &str) {
        object(out, |line| {
            head(line, SystemTime::now(), "INFO", "instrumental");
            line.text("message", text);
            tail(line, Place::default(), self);
        });
    }
}

fn event(line: &mut Object<'_>, event: &EventRecord, writer: &Writer) {
    let name = event.site.spec().name;
    head(line, event.time, "INFO", event.site.spec().module);
    line.text("event", name);
    line.text("message", name);
    line.object("fields", |fields| fields.fields(&event.fields));
    tail(line, event.place, writer);
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
    tail(line, log.place, writer);
}

fn report(line: &mut Object<'_>, report: &Report, around: Option<&Fields>, writer: &Writer) {
    let target = report
        .site
        .map_or("instrumental", |site| site.spec().module);
    head(
        line,
        report.time,
        super::level(report.level).as_str(),
        target,
    );
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
                list(error.key("caused_by"), &report.chain, |out, text| {
                    quoted(out, text)
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
                let _ = write!(frame.key("line"), "{}", site.spec().line);
            });
        });
    }
    circumstances(line, report, around);
    tail(line, report.place, writer);
}

fn circumstances(line: &mut Object<'_>, report: &Report, around: Option<&Fields>) {
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
                    // A key twice: the later one counts.
                    if !pairs[n + 1..].iter().any(|(later, _)| later == key) {
                        object.text(key, value);
                    }
                }
            });
        }
    }
    if report.repeats > 0 {
        let _ = write!(line.key("suppressed"), "{}", report.repeats);
    }
}

fn head(line: &mut Object<'_>, at: SystemTime, level: &'static str, target: &str) {
    line.level = level;
    let out = line.key("timestamp");
    out.push('"');
    time::rfc3339(out, at);
    out.push('"');
    line.text("level", level);
    line.text("target", target);
}

fn tail(line: &mut Object<'_>, place: Place, writer: &Writer) {
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
        datadog(line, place, identity);
    }
}

/// Datadog's names of the same, by which it connects a line with its trace.
fn datadog(line: &mut Object<'_>, place: Place, identity: &Identity) {
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
    let status = line.level.to_ascii_lowercase();
    line.text("status", &status);
}

/// An object that is being written.
struct Object<'a> {
    out: &'a mut String,
    empty: bool,
    /// The level that was written.
    level: &'static str,
}

fn object(out: &mut String, write: impl FnOnce(&mut Object<'_>)) {
    out.push('{');
    write(&mut Object {
        out,
        empty: true,
        level: "",
    });
    out.push('}');
}

fn list<T>(out: &mut String, items: &[T], mut write: impl FnMut(&mut String, &T)) {
    out.push('[');
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

impl Object<'_> {
    /// Writes a key; its value is to follow.
    fn key(&mut self, key: &str) -> &mut String {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(',');
        }
        quoted(self.out, key);
        self.out.push(':');
        self.out
    }

    fn text(&mut self, key: &str, value: &str) {
        quoted(self.key(key), value);
    }

    fn object(&mut self, key: &str, write: impl FnOnce(&mut Object<'_>)) {
        object(self.key(key), write);
    }

    fn fields(&mut self, fields: &Fields) {
        for (name, value) in fields.latest() {
            self.value(name, value);
        }
    }

    fn value(&mut self, key: &str, value: FieldValue<'_>) {
        let out = self.key(key);
        match value {
            FieldValue::Str(text) => quoted(out, text),
            // JSON has no such numbers.
            FieldValue::F64(n) if !n.is_finite() => quoted(out, &n.to_string()),
            number => drop(write!(out, "{number}")),
        }
    }
}

/// Writes a text in quotes. What could harm a terminal that shows the line is escaped as well.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_harmful(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn texts_stay_texts() {
        let mut out = String::new();
        quoted(
            &mut out,
            "a\"b\\c\n\r\t\u{0}\u{1b}\u{7f}\u{85}\u{2028}\u{202e}\u{e0041}ü",
        );
        assert_eq!(
            out,
            r#""a\"b\\c\n\r\t\u0000\u001b\u007f\u0085\u2028\u202e\udb40\udc41ü""#
        );
    }
}
