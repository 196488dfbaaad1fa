//! Spans and errors, as processors change them and exporters read them.

use super::span::FinishedSpan;
use crate::model::fields::{FieldValue, Fields};
use crate::model::incoming::Incoming;
use crate::model::level::Level;
use crate::model::outcome::Outcome;
use crate::model::record::{EventRecord, Report, ReportKind};
use crate::model::request::{Breadcrumb, User};
use crate::model::span::Origin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Replaces a text; `None` leaves it.
pub(super) type Replace<'a> = &'a mut dyn FnMut(&str) -> Option<String>;

fn redact(text: &mut String, replace: Replace<'_>) {
    if let Some(replaced) = replace(text) {
        *text = replaced;
    }
}

fn redact_pairs(pairs: &mut [(String, String)], replace: Replace<'_>) {
    for (key, value) in pairs {
        redact(key, replace);
        redact(value, replace);
    }
}

/// What the headers of a request brought leaves as well: with its span, and with reports.
fn redact_incoming(incoming: &mut Option<Arc<Incoming>>, replace: Replace<'_>) {
    let Some(incoming) = incoming else { return };
    // The request's own calls still hand the original on to other services.
    let incoming = Arc::make_mut(incoming);
    redact(&mut incoming.tracestate, replace);
    if let Some(origin) = &mut incoming.datadog_origin {
        redact(origin, replace);
    }
    for pairs in [
        &mut incoming.baggage,
        &mut incoming.sentry,
        &mut incoming.datadog_tags,
    ] {
        redact_pairs(pairs, replace);
    }
}

fn latest(fields: Option<&Fields>) -> Vec<(&'static str, FieldValue<'_>)> {
    fields.map_or_else(Vec::new, Fields::latest)
}

impl FinishedSpan {
    /// Returns the id of its trace.
    #[must_use]
    pub fn trace_id(&self) -> u128 {
        self.trace
    }

    /// Returns its id.
    #[must_use]
    pub fn span_id(&self) -> u64 {
        self.span
    }

    /// Returns the id of the span around it, which may be of another service.
    #[must_use]
    pub fn parent_id(&self) -> Option<u64> {
        (self.parent != 0).then_some(self.parent)
    }

    /// Returns when it started.
    #[must_use]
    pub fn start_time(&self) -> SystemTime {
        self.start
    }

    /// Returns how long it took.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// Returns how it ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns the variant or type of the error that it returned.
    #[must_use]
    pub fn error_type(&self) -> Option<&'static str> {
        (!self.error.is_empty()).then_some(self.error)
    }

    /// Returns the module of the function, or the target of the `tracing` span.
    #[must_use]
    pub fn target(&self) -> &'static str {
        match self.origin {
            Origin::Site(site) => site.spec().module,
            Origin::Foreign(metadata) => metadata.target(),
        }
    }

    /// Returns the value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<FieldValue<'_>> {
        self.fields.as_ref()?.get(name)
    }

    /// Returns the business events that happened in it.
    pub fn events(&self) -> impl Iterator<Item = &EventRecord> {
        self.events.iter().map(|event| &**event)
    }

    /// Returns the error that was reported by it.
    #[must_use]
    pub fn reported_error(&self) -> Option<&Report> {
        self.report.as_deref()
    }

    /// Renames it.
    pub fn set_name(&mut self, name: &str) {
        self.set_attribute("otel.name", name);
    }

    /// Sets an attribute. At most 64 that the span does not declare are kept.
    pub fn set_attribute<'a>(&mut self, name: &'static str, value: impl Into<FieldValue<'a>>) {
        let names = self.origin.metadata().fields();
        let fields = self
            .fields
            .get_or_insert_with(|| Fields::new(names, Vec::new()));
        fields.set(name, value.into());
    }

    /// Removes an attribute.
    pub fn remove_attribute(&mut self, name: &str) {
        if let Some(fields) = &mut self.fields {
            fields.remove(name);
        }
    }

    /// Passes every attribute's value, and what the request's headers brought, to `replace`, and stores what it returns.
    /// Numbers are passed as texts. Its events and its reported error are items of their own.
    pub fn redact(&mut self, mut replace: impl FnMut(&str) -> Option<String>) {
        if let Some(fields) = &mut self.fields {
            fields.redact(&mut replace);
        }
        redact_incoming(&mut self.incoming, &mut replace);
    }
}

impl Report {
    /// Returns what it reports.
    #[must_use]
    pub fn kind(&self) -> ReportKind {
        self.kind
    }

    /// Returns how serious it is.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Returns the variant or type of the error; empty for a message.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        self.label
    }

    /// Returns the innermost annotated function around.
    #[must_use]
    pub fn function(&self) -> Option<&'static str> {
        self.site.map(|site| site.function())
    }

    /// Returns the annotated calls around it, innermost first, a line each.
    #[must_use]
    pub fn stack(&self) -> String {
        self.logical_stack()
    }

    /// Returns the message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.text
    }

    /// Sets the message.
    pub fn set_message(&mut self, message: &str) {
        self.text = message.into();
    }

    /// Returns the messages of the errors it came from, outermost first.
    pub fn causes(&self) -> impl Iterator<Item = &str> {
        self.chain.iter().map(|source| source.text.as_str())
    }

    /// Returns the messages of the errors it came from, to change them.
    pub fn causes_mut(&mut self) -> impl Iterator<Item = &mut String> {
        self.chain.iter_mut().map(|source| &mut source.text)
    }

    /// Returns the user of the request.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// Sets or removes the user of the request.
    pub fn set_user(&mut self, user: Option<User>) {
        self.user = user;
    }

    /// Returns the tags of the request: key and value.
    #[must_use]
    pub fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    /// Returns the tags of the request, to change them.
    pub fn tags_mut(&mut self) -> &mut Vec<(String, String)> {
        &mut self.tags
    }

    /// Returns what happened in the request before.
    #[must_use]
    pub fn breadcrumbs(&self) -> &[Breadcrumb] {
        &self.breadcrumbs
    }

    /// Returns what happened in the request before, to change it.
    pub fn breadcrumbs_mut(&mut self) -> &mut Vec<Breadcrumb> {
        &mut self.breadcrumbs
    }

    /// Returns what `.with(key, value)` and `on_failure(..)` added.
    #[must_use]
    pub fn extra(&self) -> &[(String, String)] {
        &self.extra
    }

    /// Returns what `.with(key, value)` and `on_failure(..)` added, to change it.
    pub fn extra_mut(&mut self) -> &mut Vec<(String, String)> {
        &mut self.extra
    }

    /// Returns the attributes of the span it happened in, as far as they were recorded.
    #[must_use]
    pub fn span_attributes(&self) -> Vec<(&'static str, FieldValue<'_>)> {
        latest(self.around.as_ref())
    }

    /// Removes an attribute of the span it happened in.
    pub fn remove_span_attribute(&mut self, name: &str) {
        if let Some(fields) = &mut self.around {
            fields.remove(name);
        }
    }

    /// Returns how many like it were not reported since the last one.
    #[must_use]
    pub fn repeats(&self) -> u64 {
        self.repeats
    }

    /// Passes every text to `replace`, and stores what it returns: message, causes, user, tags, breadcrumbs, extra, the
    /// attributes of the span, and what the request's headers brought.
    pub fn redact(&mut self, mut replace: impl FnMut(&str) -> Option<String>) {
        if let Some(text) = replace(&self.text) {
            self.text = text.into();
        }
        self.causes_mut()
            .for_each(|cause| redact(cause, &mut replace));
        if let Some(user) = &mut self.user {
            let optional = user.email.iter_mut().chain(&mut user.role);
            let texts = [&mut user.id].into_iter().chain(optional);
            texts.for_each(|text| redact(text, &mut replace));
        }
        for crumb in &mut self.breadcrumbs {
            redact(&mut crumb.message, &mut replace);
        }
        redact_pairs(&mut self.tags, &mut replace);
        redact_pairs(&mut self.extra, &mut replace);
        if let Some(fields) = &mut self.around {
            fields.redact(&mut replace);
        }
    }
}
