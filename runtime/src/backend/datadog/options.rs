//! Settings of the Datadog backend. Variables have the names that Datadog's tracers and clients use.

use super::address::{self, Agent, Statsd};
use crate::base::builder::Builder;
use crate::base::settings::{self, ConfigErrors};
use std::fmt;
use std::time::Duration;

/// Settings of the Datadog backend. Environment variables supply those that the program does not set:
///
/// | variable | meaning | default |
/// |---|---|---|
/// | `DD_AGENT_HOST`, `DATADOG_AGENT_HOST` | host of the Agent | none |
/// | `DD_TRACE_AGENT_URL` | `http://host:8126` or `unix:///var/run/datadog/apm.socket` | derived from the host |
/// | `DD_TRACE_AGENT_PORT` | port of the Agent | 8126 |
/// | `DD_DOGSTATSD_URL` | `udp://host:8125`, or `unix://`, `unixgram://` or `unixstream://` and a path | derived from the host |
/// | `DD_DOGSTATSD_HOST`, `DD_DOGSTATSD_PORT` | host and port of DogStatsD | the Agent's host, 8125 |
/// | `DD_TRACE_ENABLED` | whether traces are sent | `true` |
/// | `DD_DOGSTATSD_FLUSH_INTERVAL` | seconds between two flushes of metrics | 10 |
///
/// `DD_SERVICE`, `DD_ENV`, `DD_VERSION`, `DD_TAGS` and `DD_TRACE_SAMPLE_RATE` apply to all backends: see
/// [`Builder`](crate::Builder). The backend is on if an address is set.
///
/// ```no_run
/// use instrumental::Datadog;
/// use std::time::Duration;
/// let settings = Datadog::default()
///     .agent("unix:///var/run/datadog/apm.socket")
///     .statsd("unix:///var/run/datadog/dsd.socket")
///     .metric_interval(Duration::from_secs(30));
/// let telemetry = instrumental::builder().datadog(settings).init()?;
/// # Ok::<(), instrumental::SetupError>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "settings do nothing until they are given to a builder"]
pub struct Datadog {
    agent_url: Option<String>,
    statsd_url: Option<String>,
    interval: Option<Duration>,
}

impl fmt::Debug for Datadog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A URL may contain a password.
        let bare = |url: &Option<String>| url.as_deref().map(settings::bare);
        f.debug_struct("Datadog")
            .field("agent", &bare(&self.agent_url))
            .field("statsd", &bare(&self.statsd_url))
            .field("metric_interval", &self.interval)
            .finish()
    }
}

impl Datadog {
    /// Sets the address that traces are sent to: `http://host:8126`, or `unix://` and a path.
    ///
    /// ```
    /// let settings = instrumental::Datadog::default().agent("http://localhost:8126");
    /// ```
    pub fn agent(mut self, url: impl Into<String>) -> Self {
        self.agent_url = Some(url.into());
        self
    }

    /// Sets the address that metrics are sent to: `udp://host:8125`, or `unix://` and a path.
    ///
    /// ```
    /// let settings = instrumental::Datadog::default().statsd("udp://localhost:8125");
    /// ```
    pub fn statsd(mut self, url: impl Into<String>) -> Self {
        self.statsd_url = Some(url.into());
        self
    }

    /// Sets the interval between two flushes of metrics. The default is 10 seconds.
    ///
    /// ```
    /// use std::time::Duration;
    /// let settings = instrumental::Datadog::default().metric_interval(Duration::from_secs(30));
    /// ```
    pub fn metric_interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }
}

impl Builder {
    /// Sends traces and metrics to a Datadog Agent.
    ///
    /// ```no_run
    /// use instrumental::Datadog;
    /// let settings = Datadog::default().agent("http://localhost:8126");
    /// let telemetry = instrumental::builder().datadog(settings).init()?;
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    pub fn datadog(mut self, settings: Datadog) -> Self {
        self.given.set(settings);
        self
    }
}

/// The resolved settings.
#[derive(Clone, Debug)]
pub(crate) struct DatadogConfig {
    pub(super) agent: Option<Agent>,
    pub(super) statsd: Option<Statsd>,
    pub(super) interval: Duration,
    /// The sample rate that the program or the environment sets. If `None`, the Agent chooses it.
    pub(super) rate: Option<f64>,
}

#[cfg(test)]
impl DatadogConfig {
    /// Returns the addresses that data is sent to.
    pub(crate) fn addresses(&self) -> String {
        let agent = self.agent.iter().map(|agent| agent.base.clone());
        let statsd = self.statsd.iter().map(|statsd| format!("{statsd:?}"));
        agent.chain(statsd).collect::<Vec<_>>().join(" ")
    }
}

/// Resolves the settings; `None` if the backend is off. Invalid settings are reported to `errors`.
pub(crate) fn read(
    given: Option<&Datadog>,
    rate: Option<f64>,
    errors: &mut ConfigErrors,
) -> Option<DatadogConfig> {
    let defaults = Datadog::default();
    let options = given.unwrap_or(&defaults);
    let host = settings::text(&["DD_AGENT_HOST", "DATADOG_AGENT_HOST"]);
    let host = host.or_else(|| given.map(|_| "localhost".to_owned()));
    let agent = agent_address(options, host.as_deref(), errors);
    // Without an address of its own, DogStatsD is expected on the Agent's host.
    let host = settings::text(&["DD_DOGSTATSD_HOST"]).or(host);
    let host = host.or_else(|| agent.as_ref().and_then(Agent::host));
    let statsd = statsd_address(options, host, errors);
    let enabled = settings::switch(&["DD_TRACE_ENABLED"], errors) != Some(false);
    let interval = options.interval.or_else(|| interval(errors));
    let config = DatadogConfig {
        agent: agent.filter(|_| enabled),
        statsd,
        interval: interval.unwrap_or(Duration::from_secs(10)),
        rate,
    };
    (config.agent.is_some() || config.statsd.is_some()).then_some(config)
}

fn agent_address(
    options: &Datadog,
    host: Option<&str>,
    errors: &mut ConfigErrors,
) -> Option<Agent> {
    let url = options.agent_url.clone().map(|url| ("datadog agent", url));
    let url = url.or_else(|| settings::variable(&["DD_TRACE_AGENT_URL"]));
    let port = settings::port(&["DD_TRACE_AGENT_PORT"], errors).unwrap_or(8126);
    match url {
        Some((name, url)) => address::agent(name, &url, errors),
        None => host.map(|host| Agent::tcp(host, port)),
    }
}

fn statsd_address(
    options: &Datadog,
    host: Option<String>,
    errors: &mut ConfigErrors,
) -> Option<Statsd> {
    let url = options.statsd_url.clone();
    let url = url.map(|url| ("datadog statsd", url));
    let url = url.or_else(|| settings::variable(&["DD_DOGSTATSD_URL"]));
    let port = settings::port(&["DD_DOGSTATSD_PORT"], errors).unwrap_or(8125);
    match url {
        Some((name, url)) => address::statsd(name, &url, errors),
        None => host.map(|host| Statsd::Udp(host, port)),
    }
}

fn interval(errors: &mut ConfigErrors) -> Option<Duration> {
    const NAME: &str = "DD_DOGSTATSD_FLUSH_INTERVAL";
    settings::parsed(&[NAME], "a number of seconds above 0", errors, |value| {
        let seconds = value.parse().ok().filter(|seconds| *seconds > 0.0)?;
        Duration::try_from_secs_f64(seconds).ok()
    })
}
