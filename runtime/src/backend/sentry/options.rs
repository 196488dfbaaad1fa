//! Settings.

use crate::base::builder::Builder;
use crate::base::settings::{self, ConfigErrors, Identity, is_rate};
use crate::model::incoming::Organization;
use sentry::protocol::{Breadcrumb, Event};
use sentry::types::Dsn;
use std::fmt;
use std::sync::Arc;

type BeforeSend = Arc<dyn Fn(Event<'static>) -> Option<Event<'static>> + Send + Sync>;
type BeforeBreadcrumb = Arc<dyn Fn(Breadcrumb) -> Option<Breadcrumb> + Send + Sync>;

/// Settings of the Sentry backend. What is not set comes from the environment: `SENTRY_DSN`, `SENTRY_RELEASE`,
/// `SENTRY_ENVIRONMENT`, `SENTRY_SAMPLE_RATE` (of errors), `SENTRY_TRACES_SAMPLE_RATE`.
///
/// The backend is on when there is a DSN; an empty one is none. Hooks run on a thread of telemetry's own. One that
/// panics drops what it was given, which is counted, and does the program no harm.
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
        // Not the DSN: it holds a key.
        f.debug_struct("Sentry").finish_non_exhaustive()
    }
}

impl Sentry {
    /// Where events go: `https://key@host/project`.
    pub fn dsn(mut self, dsn: impl Into<String>) -> Self {
        self.dsn = Some(dsn.into());
        self
    }

    /// Looks at every event before it is sent; may change it, or drop it with `None`.
    pub fn before_send(
        mut self,
        hook: impl Fn(Event<'static>) -> Option<Event<'static>> + Send + Sync + 'static,
    ) -> Self {
        self.before_send = Some(Arc::new(hook));
        self
    }

    /// Looks at every breadcrumb of an event before it is sent; may change it, or drop it with `None`.
    pub fn before_breadcrumb(
        mut self,
        hook: impl Fn(Breadcrumb) -> Option<Breadcrumb> + Send + Sync + 'static,
    ) -> Self {
        self.before_breadcrumb = Some(Arc::new(hook));
        self
    }

    /// Errors of this type, or variant, are not sent.
    pub fn ignore_type(mut self, name: impl Into<String>) -> Self {
        self.ignored_types.push(name.into());
        self
    }

    /// Errors and messages whose text contains this are not sent.
    pub fn ignore_message(mut self, part: impl Into<String>) -> Self {
        self.ignored_messages.push(part.into());
        self
    }

    /// Which part of the errors is sent, 0 to 1.
    pub fn error_sample_rate(mut self, rate: f64) -> Self {
        self.error_sample_rate = Some(rate);
        self
    }

    /// Frames of modules that begin with this are the application's own. Unless set: all but those of known libraries.
    pub fn in_app(mut self, module: impl Into<String>) -> Self {
        self.in_app.push(module.into());
        self
    }

    /// Whether Sentry is told how many events did not reach it, and why. It is, unless this says `false`.
    pub fn send_client_reports(mut self, send: bool) -> Self {
        self.no_client_reports = !send;
        self
    }

    /// Continue a trace of another service only where both say of which organization they are.
    pub fn strict_trace_continuation(mut self, strict: bool) -> Self {
        self.strict_trace_continuation = strict;
        self
    }
}

impl Builder {
    /// Sends to Sentry.
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

/// Settings in force.
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
    /// Who we are, for the headers of requests.
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

/// Settings in force; `None`: the backend is off.
pub(crate) fn read(
    given: Option<&Sentry>,
    identity: &Identity,
    traces_sample_rate: f64,
    faults: &mut ConfigErrors,
) -> Option<SentryConfig> {
    const EXPECTED: &str = "`https://key@host/project`";
    let options = given.cloned().unwrap_or_default();
    let text = options.dsn.clone().filter(|dsn| !dsn.trim().is_empty());
    let text = text.or_else(|| settings::text(&["SENTRY_DSN"]))?;
    let dsn: Option<Dsn> = text.trim().parse().ok();
    if dsn.is_none() {
        // It may hold a key: it is not shown.
        faults.value("SENTRY_DSN", "…", EXPECTED);
    }
    let rate = match options.error_sample_rate {
        Some(rate) => {
            if !is_rate(&rate) {
                faults.value("error_sample_rate", rate.to_string(), settings::RATE);
            }
            Some(rate)
        }
        None => settings::rate(&["SENTRY_SAMPLE_RATE"], faults),
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
