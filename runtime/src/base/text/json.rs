//! A JSON writer without dependencies.

use crate::model::fields::{FieldValue, Fields};
pub(crate) use instrumental_manifest::json_string as quoted;
use std::fmt::{Display, Write as _};

/// A JSON object that is being written.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    empty: bool,
}

/// Writes an object.
pub(crate) fn object(out: &mut String, write: impl FnOnce(&mut Object<'_>)) {
    out.push('{');
    write(&mut Object { out, empty: true });
    out.push('}');
}

/// Writes an array.
pub(crate) fn list<T>(out: &mut String, items: &[T], mut write: impl FnMut(&mut String, &T)) {
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
    /// Writes a key. The caller writes its value next.
    pub(crate) fn key(&mut self, key: &str) -> &mut String {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(',');
        }
        quoted(self.out, key);
        self.out.push(':');
        self.out
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) {
        quoted(self.key(key), value);
    }

    /// Writes a text, or null.
    pub(crate) fn optional(&mut self, key: &str, value: Option<&str>) {
        match value {
            Some(text) => self.text(key, text),
            None => self.null(key),
        }
    }

    pub(crate) fn null(&mut self, key: &str) {
        self.key(key).push_str("null");
    }

    /// Writes a finite number, `true` or `false`, which JSON and Rust write alike.
    pub(crate) fn plain(&mut self, key: &str, value: impl Display) {
        // Into a String: cannot fail.
        let _ = write!(self.key(key), "{value}");
    }

    pub(crate) fn texts<T: AsRef<str>>(&mut self, key: &str, texts: &[T]) {
        list(self.key(key), texts, |out, text| quoted(out, text.as_ref()));
    }

    pub(crate) fn object(&mut self, key: &str, write: impl FnOnce(&mut Object<'_>)) {
        object(self.key(key), write);
    }

    pub(crate) fn fields(&mut self, fields: &Fields) {
        for (name, value) in fields.latest() {
            self.value(name, value);
        }
    }

    pub(crate) fn value(&mut self, key: &str, value: FieldValue<'_>) {
        let out = self.key(key);
        match value {
            FieldValue::Str(text) => quoted(out, text),
            // JSON cannot represent NaN and infinities.
            FieldValue::F64(n) if !n.is_finite() => quoted(out, &n.to_string()),
            number => drop(write!(out, "{number}")),
        }
    }
}
