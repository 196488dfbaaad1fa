//! Limits of Sentry's ingestion (Sentry documentation, "Envelopes" and "Data Handling"). Values that exceed one are
//! truncated, since Sentry would otherwise discard the whole event.

use crate::model::cut::cut;
use sentry::protocol::{Context, Event, Map, Value};

// Limits in bytes.
const MESSAGE: usize = 8192;
const TAG: usize = 200;
const CONTEXT: usize = 8 << 10;
const EXTRA: usize = 16 << 10;
const ALL_EXTRA: usize = 256 << 10;
const BREADCRUMB: usize = 1024;
/// The number of tags, and of entries of a context or of `extra`.
const ENTRIES: usize = 100;

/// Truncates a string to at most `limit` bytes, and marks the end with an ellipsis.
pub(super) fn text(text: &mut String, limit: usize) {
    if text.len() > limit {
        let fits = cut(text, limit.saturating_sub('…'.len_utf8())).len();
        text.truncate(fits);
        text.push('…');
    }
}

/// Truncates the values of an event.
pub(super) fn event(event: &mut Event<'_>) {
    for exception in &mut event.exception.values {
        if let Some(value) = &mut exception.value {
            text(value, MESSAGE);
        }
        text(&mut exception.ty, TAG);
    }
    if let Some(entry) = &mut event.logentry {
        text(&mut entry.message, MESSAGE);
    }
    if let Some(message) = &mut event.message {
        text(message, MESSAGE);
    }
    event.tags = tags(std::mem::take(&mut event.tags));
    values(&mut event.extra, EXTRA, ALL_EXTRA);
    for context in event.contexts.values_mut() {
        if let Context::Other(map) = context {
            values(map, CONTEXT, CONTEXT);
        }
    }
    for crumb in &mut event.breadcrumbs.values {
        if let Some(message) = &mut crumb.message {
            text(message, BREADCRUMB);
        }
    }
}

/// Sanitizes tags: Relay, Sentry's ingestion service, accepts only some characters in keys, and values of one line.
pub(super) fn tags(tags: Map<String, String>) -> Map<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    let tags = tags.into_iter().take(ENTRIES).map(|(key, mut value)| {
        let mut key: String = key
            .chars()
            .map(|c| if allowed(c) { c } else { '-' })
            .collect();
        key.truncate(TAG);
        value = value.replace('\n', " ");
        text(&mut value, TAG);
        (key, value)
    });
    tags.filter(|(key, value)| !key.is_empty() && !value.is_empty())
        .collect()
}

/// Truncates each string of a map to `each` bytes, and the map to `all` bytes.
pub(super) fn values(map: &mut Map<String, Value>, each: usize, all: usize) {
    let mut left = all;
    let mut trimmed = Map::new();
    for (key, mut value) in std::mem::take(map).into_iter().take(ENTRIES) {
        if let Value::String(string) = &mut value {
            text(string, each.min(left));
            left = left.saturating_sub(string.len());
        }
        left = left.saturating_sub(key.len() + 8);
        if left == 0 {
            break;
        }
        trimmed.insert(key, value);
    }
    *map = trimmed;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x08_values_of_ten_megabytes_are_truncated() {
        let mut large = Event::default();
        let ten = "ü".repeat(5 << 20);
        large
            .extra
            .insert("large".into(), Value::String(ten.clone()));
        large.tags.insert("a b".into(), ten.clone());
        large.message = Some(ten);
        event(&mut large);
        let bytes = serde_json::to_vec(&large).expect("JSON");
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        assert!(large.tags["a-b"].len() <= 200 && large.tags["a-b"].ends_with('…'));
    }
}
