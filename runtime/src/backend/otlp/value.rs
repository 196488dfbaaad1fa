//! OTLP values and attributes.

use crate::base::settings::Identity;
use crate::model::fields::FieldValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) fn text(key: &str, value: impl Into<String>) -> KeyValue {
    pair(key, Value::StringValue(value.into()))
}

pub(super) fn int(key: &str, value: i64) -> KeyValue {
    pair(key, Value::IntValue(value))
}

pub(super) fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

pub(super) fn field(key: &str, value: FieldValue<'_>) -> KeyValue {
    pair(key, of_field(value))
}

pub(super) fn of_field(value: FieldValue<'_>) -> Value {
    match value {
        // OTLP has signed integers only, so larger numbers become strings.
        FieldValue::U64(n) => {
            i64::try_from(n).map_or_else(|_| Value::StringValue(n.to_string()), Value::IntValue)
        }
        FieldValue::I64(n) => Value::IntValue(n),
        FieldValue::F64(n) => Value::DoubleValue(n),
        FieldValue::Bool(b) => Value::BoolValue(b),
        FieldValue::Str(s) => Value::StringValue(s.to_owned()),
    }
}

pub(super) fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Returns the resource: the attributes of the semantic conventions, then those of the settings.
pub(super) fn resource(identity: &Identity) -> Resource {
    let mut attributes = vec![
        text("service.name", &identity.service),
        text("deployment.environment.name", &identity.environment),
        text("telemetry.sdk.name", "instrumental"),
        text("telemetry.sdk.language", "rust"),
        text("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
        int("process.pid", i64::from(std::process::id())),
    ];
    if let Some(version) = &identity.version {
        attributes.push(text("service.version", version));
    }
    if !identity.host.is_empty() {
        attributes.push(text("host.name", &identity.host));
    }
    for (key, value) in &identity.attributes {
        attributes.retain(|attribute| attribute.key != *key);
        attributes.push(text(key, value));
    }
    Resource {
        attributes,
        ..Resource::default()
    }
}
