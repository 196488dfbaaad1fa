//! Settings of the Sentry backend.

use crate::base::builder::Builder;
use crate::base::settings::{self, ConfigErrors, Identity, is_rate};
use crate::model::incoming::Organization;
use sentry::protocol::{Breadcrumb, Event};
use sentry::types::Dsn;
use std::fmt;
use std::sync::Arc;

type BeforeSend = Arc<dyn Fn(Event<'static>) -> Option<Event<'static>> + Send + Sync>;
type BeforeBreadcrumb = Arc<dyn Fn(Breadcrumb) -> Option<Breadcrumb> + Send + Sync>;

/// Settings of the Sentry backend. Environment variables supply those that the program does not set:
///
/// | variable | meaning | default |
/// |---|---|---|
/// | `SENTRY_DSN` | `https://key@host/project` | none |
/// | `SENTRY_RELEASE` | the release | `service@version` |
/// | `SENTRY_SAMPLE_RATE` | the proportion of errors that is sent, 0 to 1 | 1 |
///
/// `SENTRY_ENVIRONMENT` and `SENTRY_TRACES_SAMPLE_RATE` apply to all backends: see [`Builder`](crate::Builder).
///
/// The backend is on if there is a DSN that is not empty. Hooks run on a background thread. If a hook panics, its event
/// or breadcrumb is dropped and a warning is logged; the program is not affected.
///
/// ```no_run
/// use instrumental::Sentry;
/// let settings = Sentry::default()
///     .ignore_type("NotFound")
///     .before_send(|mut event| {
///         event.server_name = None;
///         Some(event)
///     });
/// let telemetry = instrumental::builder().sentry(settings).init()?;
/// # Ok::<(), instrumental::SetupError>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "settings do nothing until they are given to a builder"]
pub struct Sentry {
    dsn: Option<String>,
    pub(super) before_send: Option<BeforeSend>,
    pub(super) before_breadcrumb: Option<BeforeBreadcrumb>,
    pub(super) ignored_types: Vec<String>,
    pub(super) ignored_messages: Vec<String>,
    error_sample_rate: Option<f64>,
    pub(super) in_app: Vec<String>,
    no_client_reports: bool,
    strict_trace_continuation: bool,
}

impl fmt::Debug for Sentry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The DSN is left out because it contains a key.
        f.debug_struct("Sentry").finish_non_exhaustive()
    }
}

impl Sentry {
    /// Sets the DSN of the project that events are sent to: `https://key@host/project`.
    ///
    /// ```
    /// let settings = instrumental::Sentry::default().dsn("https://key@sentry.example.org/1");
    /// ```
    pub fn dsn(mut self, dsn: impl Into<String>) -> Self {
        self.dsn = Some(dsn.into());
        self
    }

    /// Sets a hook that is called with every event before it is sent. It returns the event, changed or unchanged, or
    /// `None` to drop it. A hook that panics drops the event.
    ///
    /// ```
    /// let settings = instrumental::Sentry::default().before_send(|mut event| {
    ///     event.server_name = None;
    ///     Some(event)
    /// });
    /// ```
    pub fn before_send(
        mut self,
        hook: impl Fn(Event<'static>) -> Option<Event<'static>> + Send + Sync + 'static,
    ) -> Self {
        self.before_send = Some(Arc::new(hook));
        self
    }

    /// Sets a hook that is called with every breadcrumb of an event before the event is sent. It returns the breadcrumb,
    /// changed or unchanged, or `None` to drop it. A hook that panics drops the breadcrumb.
    ///
    /// ```
    /// let settings = instrumental::Sentry::default().before_breadcrumb(|crumb| {
    ///     let is_noise = crumb.category.as_deref() == Some("hyper");
    ///     (!is_noise).then_some(crumb)
    /// });
    /// ```
    pub fn before_breadcrumb(
        mut self,
        hook: impl Fn(Breadcrumb) -> Option<Breadcrumb> + Send + Sync + 'static,
    ) -> Self {
        self.before_breadcrumb = Some(Arc::new(hook));
        self
    }

    /// Drops errors of a type, or with a variant, of this name. May be called several times.
    ///
    /// ```
    /// let settings = instrumental::Sentry::default().ignore_type("NotFound");
    /// ```
    pub fn ignore_type(mut self, name: impl Into<String>) -> Self {
        self.ignored_types.push(name.into());
        self
    }

    /// Drops errors and messages whose text contains `part`. May be called several times.
    ///
    /// ```
    /// let settings = instrumental::Sentry::default().ignore_message("connection reset by peer");
    /// ```
    pub fn ignore_message(mut self, part: impl Into<String>) -> Self {
        self.ignored_messages.push(part.into());
        self
    }

    /// Sets the proportion of errors that is sent, from 0 to 1. The default is 1. `init()` reports a rate outside this
    /// range as an error.
    ///
    /// ```
    /// let settings = instrumental::Sentry::default().error_sample_rate(0.25);
    /// ```
    pub fn error_sample_rate(mut self, rate: f64) -> Self {
        self.error_sample_rate = Some(rate);
        self
    }

    /// Marks stack frames as the application's own if their module begins with `module`. May be called several times. By
    /// default, all frames but those of the standard library and of common crates are marked.
    ///
    /// ```
    /// let settings = instrumental::Sentry::default().in_app("shop").in_app("payments");
    /// ```
    pub fn in_app(mut self, module: impl Into<String>) -> Self {
        self.in_app.push(module.into());
        self
    }

    /// Sets whether client reports are sent, which state how many events were dropped and why. The default is `true`.
    ///
    /// ```
    /// let settings = instrumental::Sentry::default().send_client_reports(false);
    /// ```
    pub fn send_client_reports(mut self, send: bool) -> Self {
        self.no_client_reports = !send;
        self
    }

    /// Sets whether a trace of another service is continued only if both services state the same organization. The
    /// default is `false`.
    ///
    /// ```
    /// let settings = instrumental::Sentry::default().strict_trace_continuation(true);
    /// ```
    pub fn strict_trace_continuation(mut self, strict: bool) -> Self {
        self.strict_trace_continuation = strict;
        self
    }
}

impl Builder {
    /// Sends errors, messages and traces to Sentry.
    ///
    /// ```no_run
    /// use instrumental::Sentry;
    /// let settings = Sentry::default().error_sample_rate(0.5);
    /// let telemetry = instrumental::builder().sentry(settings).init()?;
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    pub fn sentry(mut self, settings: Sentry) -> Self {
        self.given.set(settings);
        self
    }
}

/// The resolved settings.
#[derive(Clone, Debug)]
pub(crate) struct SentryConfig {
    pub(super) dsn: Dsn,
    pub(super) options: Sentry,
    pub(super) error_sample_rate: f64,
    pub(super) client_reports: bool,
    pub(super) strict: bool,
    pub(super) release: String,
    pub(super) identity: Identity,
    pub(super) traces_sample_rate: f64,
}

impl SentryConfig {
    /// Returns the data of this organization and project that outgoing trace headers contain.
    pub(super) fn organization(&self) -> Organization {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        Organization {
            context: vec![
                pair("public_key", self.dsn.public_key()),
                pair("environment", &self.identity.environment),
                pair("release", &self.release),
            ],
            id: self.dsn.org_id().map(|id| id.to_string()),
            strict: self.strict,
            sample_rate: self.traces_sample_rate,
        }
    }
}

/// Resolves the settings; `None` if the backend is off. Invalid settings are reported to `errors`.
pub(crate) fn read(
    given: Option<&Sentry>,
    identity: &Identity,
    traces_sample_rate: f64,
    errors: &mut ConfigErrors,
) -> Option<SentryConfig> {
    const EXPECTED: &str = "`https://key@host/project`";
    let options = given.cloned().unwrap_or_default();
    let text = options.dsn.clone().filter(|dsn| !dsn.trim().is_empty());
    let text = text.or_else(|| settings::text(&["SENTRY_DSN"]))?;
    let dsn: Option<Dsn> = text.trim().parse().ok();
    if dsn.is_none() {
        // The value is not shown because it may contain a key.
        errors.value("SENTRY_DSN", "…", EXPECTED);
    }
    let rate = match options.error_sample_rate {
        Some(rate) => {
            if !is_rate(&rate) {
                errors.value("error_sample_rate", rate.to_string(), settings::RATE);
            }
            Some(rate)
        }
        None => settings::rate(&["SENTRY_SAMPLE_RATE"], errors),
    };
    let release = settings::text(&["SENTRY_RELEASE"]).unwrap_or_else(|| {
        let version = identity.version.as_deref().unwrap_or("0");
        format!("{}@{version}", identity.service)
    });
    Some(SentryConfig {
        dsn: dsn?,
        error_sample_rate: rate.unwrap_or(1.0),
        client_reports: !options.no_client_reports,
        strict: options.strict_trace_continuation,
        release: release.replace(['\n', '\r', '/', '\\', '\t'], "-"),
        identity: identity.clone(),
        traces_sample_rate,
        options,
    })
}
