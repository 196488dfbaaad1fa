//! Log records and events, as processors change them and exporters read them.

use crate::model::fields::FieldValue;
use crate::model::record::{EventRecord, LogRecord};

impl LogRecord {
    /// Returns the severity: `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
    #[must_use]
    pub fn severity_text(&self) -> &'static str {
        self.metadata.level().as_str()
    }

    /// Returns the target: a module, if the line does not name another.
    #[must_use]
    pub fn target(&self) -> &'static str {
        self.metadata.target()
    }

    /// Returns the message.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        self.fields.get("message").map(|text| text.to_string())
    }

    /// Sets the message.
    pub fn set_message(&mut self, message: &str) {
        self.set_attribute("message", message);
    }

    /// Returns the attributes: the message is one of them.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, FieldValue<'_>)> {
        self.fields.latest()
    }

    /// Returns the value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<FieldValue<'_>> {
        self.fields.get(name)
    }

    /// Sets an attribute. At most 64 that the line does not have are kept.
    pub fn set_attribute<'a>(&mut self, name: &'static str, value: impl Into<FieldValue<'a>>) {
        self.fields.set(name, value.into());
    }

    /// Removes an attribute.
    pub fn remove_attribute(&mut self, name: &str) {
        self.fields.remove(name);
    }

    /// Passes the message and every attribute's value to `replace`, and stores what it returns. Numbers are passed as
    /// texts.
    pub fn redact(&mut self, mut replace: impl FnMut(&str) -> Option<String>) {
        self.fields.redact(&mut replace);
    }
}

impl EventRecord {
    /// Returns the dotted name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.site.spec().name
    }

    /// Returns the fields.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, FieldValue<'_>)> {
        self.fields.latest()
    }

    /// Returns the value of a field.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<FieldValue<'_>> {
        self.fields.get(name)
    }

    /// Sets a field. At most 64 that the event does not declare are kept.
    pub fn set_attribute<'a>(&mut self, name: &'static str, value: impl Into<FieldValue<'a>>) {
        self.fields.set(name, value.into());
    }

    /// Removes a field.
    pub fn remove_attribute(&mut self, name: &str) {
        self.fields.remove(name);
    }

    /// Passes every field's value to `replace`, and stores what it returns. Numbers are passed as texts.
    pub fn redact(&mut self, mut replace: impl FnMut(&str) -> Option<String>) {
        self.fields.redact(&mut replace);
    }
}
