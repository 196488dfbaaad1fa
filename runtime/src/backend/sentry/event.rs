//! Conversion of reports and logged errors to Sentry events.

use super::options::SentryConfig;
use super::{stack, trim};
use crate::model::fields::{FieldValue, Fields};
use crate::model::level::Level;
use crate::model::names;
use crate::model::record::{LogRecord, Place, Report, ReportKind};
use sentry::protocol::{
    Context, Event, Exception, LogEntry, Map, Mechanism, OsContext, RuntimeContext, SpanId,
    TraceContext, TraceId, User, Value,
};
use std::borrow::Cow;

pub(super) fn trace_id(id: u128) -> TraceId {
    TraceId::from(id.to_be_bytes())
}

pub(super) fn span_id(id: u64) -> SpanId {
    SpanId::from(id.to_be_bytes())
}

pub(super) fn value(value: FieldValue<'_>) -> Value {
    match value {
        FieldValue::U64(n) => n.into(),
        FieldValue::I64(n) => n.into(),
        FieldValue::F64(n) => n.into(),
        FieldValue::Bool(b) => b.into(),
        FieldValue::Str(s) => s.into(),
    }
}

pub(super) fn fields(fields: &Fields) -> Map<String, Value> {
    let fields = fields.latest().into_iter();
    fields
        .map(|(name, field)| (name.to_owned(), value(field)))
        .collect()
}

/// Creates an event with the data that all events of this process share.
fn new_event(config: &SentryConfig, level: Level, place: Place) -> Event<'static> {
    let mut event = Event::new();
    event.platform = "native".into();
    event.level = self::level(level);
    event.logger = Some("instrumental".into());
    event.release = Some(Cow::Owned(config.release.clone()));
    event.environment = Some(Cow::Owned(config.identity.environment.clone()));
    if !config.identity.host.is_empty() {
        event.server_name = Some(Cow::Owned(config.identity.host.clone()));
    }
    event.sdk = Some(Cow::Owned(super::sdk::sdk()));
    event.contexts = contexts();
    for (key, text) in &config.identity.attributes {
        event.tags.insert(key.clone(), text.clone());
    }
    if place.trace != 0 {
        let trace = TraceContext {
            trace_id: trace_id(place.trace),
            span_id: span_id(place.span),
            ..TraceContext::default()
        };
        event
            .contexts
            .insert("trace".into(), Context::Trace(Box::new(trace)));
    }
    event
}

/// Returns the contexts that describe the operating system and the language.
pub(super) fn contexts() -> Map<String, Context> {
    let os = OsContext {
        name: Some(std::env::consts::OS.into()),
        ..OsContext::default()
    };
    let runtime = RuntimeContext {
        name: Some("rust".into()),
        ..RuntimeContext::default()
    };
    let mut contexts = Map::new();
    contexts.insert("os".into(), Context::Os(Box::new(os)));
    contexts.insert("runtime".into(), Context::Runtime(Box::new(runtime)));
    contexts
}

pub(super) fn level(level: Level) -> sentry::Level {
    match level {
        Level::Debug => sentry::Level::Debug,
        Level::Info => sentry::Level::Info,
        Level::Warning => sentry::Level::Warning,
        Level::Error => sentry::Level::Error,
        Level::Fatal => sentry::Level::Fatal,
    }
}

/// Converts a report to an event.
pub(super) fn of_report(report: &Report, config: &SentryConfig) -> Event<'static> {
    let mut event = new_event(config, report.level, report.place);
    event.timestamp = report.time;
    if report.kind == ReportKind::Message {
        event.logentry = Some(LogEntry {
            message: report.text.to_string(),
            params: Vec::new(),
        });
    } else {
        event.exception.values = exceptions(report, config);
        event.fingerprint = fingerprint(report);
    }
    event.transaction = report.stack.first().map(|site| site.function().to_owned());
    if let Some(user) = &report.user {
        event.user = Some(self::user(user));
    }
    event.tags.extend(report.tags.iter().cloned());
    for (key, text) in &report.extra {
        event.extra.insert(key.clone(), text.as_str().into());
    }
    if report.repeats > 0 {
        event
            .extra
            .insert("suppressed".into(), report.repeats.into());
    }
    if let Some(around) = report.around.as_ref().filter(|around| !around.is_empty()) {
        event
            .contexts
            .insert("call".into(), Context::Other(fields(around)));
    }
    for crumb in &report.breadcrumbs {
        event.breadcrumbs.values.push(sentry::Breadcrumb {
            timestamp: crumb.time,
            category: Some(crumb.category.to_owned()),
            message: Some(crumb.message.clone()),
            ..sentry::Breadcrumb::default()
        });
    }
    trim::event(&mut event);
    event
}

/// Converts a user. Sentry has no field for the role, so it becomes an additional one.
pub(super) fn user(user: &crate::User) -> User {
    let mut other = Map::new();
    if let Some(role) = &user.role {
        other.insert("role".into(), role.as_str().into());
    }
    User {
        id: Some(user.id.clone()),
        email: user.email.clone(),
        other,
        ..User::default()
    }
}

/// Returns the fingerprint: Sentry groups errors into one issue for each function and error type.
fn fingerprint(report: &Report) -> Cow<'static, [Cow<'static, str>]> {
    let Some(site) = report.site else {
        return Cow::Owned(vec!["{{ default }}".into()]);
    };
    let function = format!("{}::{}", site.spec().module, site.function());
    Cow::Owned(vec![Cow::Owned(function), Cow::Borrowed(report.label)])
}

/// Returns the exceptions of an error, the root cause first as Sentry expects them. The outermost error, which is the
/// last, has the stack trace.
fn exceptions(report: &Report, config: &SentryConfig) -> Vec<Exception> {
    let sources = report.chain.iter().rev().map(|source| Exception {
        // The type of a source is often unknown, since `dyn Error` does not expose it.
        ty: match names::short(source.type_name) {
            "" => "Error".into(),
            name => name.to_owned(),
        },
        value: Some(source.text.clone()),
        ..Exception::default()
    });
    let in_app = &config.options.in_app;
    let (mechanism, handled) = match report.kind {
        ReportKind::Panic => ("panic", false),
        ReportKind::Manual => ("generic", true),
        _ => ("auto.function.instrumental.capture_errors", true),
    };
    let real = report
        .backtrace
        .as_ref()
        .and_then(|trace| stack::real(trace, in_app));
    let module = report
        .type_name
        .rsplit_once("::")
        .map(|(module, _)| module.to_owned());
    let outermost = Exception {
        ty: report.label.to_owned(),
        value: Some(report.text.to_string()),
        module,
        stacktrace: real.or_else(|| stack::logical(&report.stack, in_app)),
        mechanism: Some(Mechanism {
            ty: mechanism.into(),
            handled: Some(handled),
            ..Mechanism::default()
        }),
        ..Exception::default()
    };
    sources.chain([outermost]).collect()
}

/// Converts a logged error to an event.
pub(super) fn of_log(log: &LogRecord, config: &SentryConfig) -> Event<'static> {
    let mut event = new_event(config, Level::Error, log.place);
    event.timestamp = log.time;
    event.logger = Some(log.metadata.target().to_owned());
    event.logentry = Some(LogEntry {
        message: message(log),
        params: Vec::new(),
    });
    for (name, field) in log.fields.latest() {
        if name != "message" {
            event.extra.insert(name.to_owned(), value(field));
        }
    }
    trim::event(&mut event);
    event
}

/// Returns the message of a log record, or its fields if it has no message.
pub(super) fn message(log: &LogRecord) -> String {
    if let Some(message) = log.fields.get("message") {
        return message.to_string();
    }
    let fields = log.fields.latest().into_iter();
    let pairs: Vec<String> = fields
        .map(|(name, field)| format!("{name}={field}"))
        .collect();
    pairs.join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{config, report};
    use super::exceptions;
    use crate::model::record::{Report, Source};

    #[test]
    fn f15_each_source_has_its_type_if_it_is_known() {
        let source = |type_name, text: &str| Source {
            type_name,
            text: text.to_owned(),
        };
        let chain = vec![
            source("", "cannot start"),
            source("std::io::error::Error", "disk full"),
        ];
        let report = Report {
            chain,
            ..report("no service")
        };
        let exceptions = exceptions(&report, &config());
        let actual: Vec<_> = exceptions
            .iter()
            .map(|e| (e.ty.as_str(), e.value.as_deref().unwrap_or_default()))
            .collect();
        let expected = [
            ("io::error::Error", "disk full"),
            ("Error", "cannot start"),
            ("Refused", "no service"),
        ];
        assert_eq!(actual, expected);
    }
}
