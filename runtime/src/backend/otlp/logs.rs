//! Converts records to OTLP log records.

use super::spans::exception_attributes;
use super::value::{field, nanos, of_field, pair, text};
use crate::model::level::Level;
use crate::model::record::{self, EventRecord, Place, Record, Report, ReportKind};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, SeverityNumber};
use std::time::SystemTime;

/// Returns the OTLP log record of a record, if it has one.
pub(super) fn of(record: &Record) -> Option<LogRecord> {
    match record {
        Record::Event(event) => Some(business_event(event)),
        Record::Log(source) => Some(log(source)),
        Record::Report(report) => Some(self::report(report)),
        Record::Incoming(..) => None,
    }
}

fn business_event(event: &EventRecord) -> LogRecord {
    let spec = event.site.spec();
    let fields = event.fields.latest();
    LogRecord {
        event_name: spec.name.to_owned(),
        body: body(spec.name),
        attributes: fields.into_iter().map(|(k, v)| field(k, v)).collect(),
        ..blank(event.time, tracing::Level::INFO, event.place)
    }
}

fn log(source: &record::LogRecord) -> LogRecord {
    let mut record = blank(source.time, *source.metadata.level(), source.place);
    for (name, value) in source.fields.latest() {
        if name == "message" {
            record.body = Some(AnyValue {
                value: Some(of_field(value)),
            });
        } else {
            record.attributes.push(field(name, value));
        }
    }
    let target = text("code.namespace", source.metadata.target());
    record.attributes.push(target);
    record
}

fn report(report: &Report) -> LogRecord {
    let mut record = blank(report.time, level(report.level), report.place);
    if report.level == Level::Fatal {
        record.severity_number = SeverityNumber::Fatal as i32;
        record.severity_text = "FATAL".into();
    }
    record.body = body(&report.text);
    record.attributes = context_attributes(report);
    if !matches!(report.kind, ReportKind::Message | ReportKind::Slow) {
        record.attributes.extend(exception_attributes(report));
    }
    record
}

/// Returns the attributes of the context that an error was reported in: function, fields, user and tags.
fn context_attributes(report: &Report) -> Vec<KeyValue> {
    let mut attributes = Vec::new();
    if let Some(site) = report.site {
        attributes.push(text("code.function.name", site.function()));
        attributes.push(text("code.file.path", site.spec().file));
    }
    if let Some(fields) = &report.around {
        let fields = fields.latest().into_iter();
        attributes.extend(fields.map(|(name, value)| field(name, value)));
    }
    if let Some(user) = &report.user {
        attributes.push(text("user.id", &user.id));
        let role = user.role.as_ref();
        attributes.extend(role.map(|role| text("user.roles", role)));
        let email = user.email.as_ref();
        attributes.extend(email.map(|email| text("user.email", email)));
    }
    for (key, value) in report.tags.iter().chain(&report.extra) {
        attributes.push(text(key, value));
    }
    if report.repeats > 0 {
        let repeats = i64::try_from(report.repeats).unwrap_or(i64::MAX);
        attributes.push(pair("error.suppressed", Value::IntValue(repeats)));
    }
    attributes
}

/// Returns a record without body and attributes.
fn blank(time: SystemTime, level: tracing::Level, place: Place) -> LogRecord {
    let in_trace = place.trace != 0;
    LogRecord {
        time_unix_nano: nanos(time),
        observed_time_unix_nano: nanos(time),
        severity_number: severity(level) as i32,
        severity_text: level.as_str().to_owned(),
        flags: u32::from(place.sampled),
        trace_id: if in_trace {
            place.trace.to_be_bytes().to_vec()
        } else {
            Vec::new()
        },
        span_id: if in_trace {
            place.span.to_be_bytes().to_vec()
        } else {
            Vec::new()
        },
        ..LogRecord::default()
    }
}

fn body(text: &str) -> Option<AnyValue> {
    Some(AnyValue {
        value: Some(Value::StringValue(text.to_owned())),
    })
}

fn level(level: Level) -> tracing::Level {
    match level {
        Level::Debug => tracing::Level::DEBUG,
        Level::Info => tracing::Level::INFO,
        Level::Warning => tracing::Level::WARN,
        Level::Error | Level::Fatal => tracing::Level::ERROR,
    }
}

fn severity(level: tracing::Level) -> SeverityNumber {
    match level {
        tracing::Level::TRACE => SeverityNumber::Trace,
        tracing::Level::DEBUG => SeverityNumber::Debug,
        tracing::Level::INFO => SeverityNumber::Info,
        tracing::Level::WARN => SeverityNumber::Warn,
        tracing::Level::ERROR => SeverityNumber::Error,
    }
}
