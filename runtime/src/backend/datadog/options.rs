//! Settings, as Datadog's own tracers and clients name them.

use super::address::{Agent, Statsd, agent, statsd};
use crate::base::builder::Builder;
use crate::base::settings::{self, ConfigErrors};
use std::fmt;
use std::time::Duration;

/// Settings of the Datadog backend. What is not set comes from the environment:
///
/// | variable | what | default |
/// |---|---|---|
/// | `DD_AGENT_HOST`, `DATADOG_AGENT_HOST` | host of the Agent | none |
/// | `DD_TRACE_AGENT_URL` | `http://host:8126` or `unix:///var/run/datadog/apm.socket` | of the host |
/// | `DD_TRACE_AGENT_PORT` | | 8126 |
/// | `DD_DOGSTATSD_URL` | `udp://host:8125`, `unix://`, `unixgram://` or `unixstream://` and a path | of the host |
/// | `DD_DOGSTATSD_HOST`, `DD_DOGSTATSD_PORT` | | the Agent's host, 8125 |
/// | `DD_TRACE_ENABLED` | whether traces are sent | yes |
/// | `DD_DOGSTATSD_FLUSH_INTERVAL` | seconds between two flushes of metrics | 10 |
///
/// `DD_SERVICE`, `DD_ENV`, `DD_VERSION`, `DD_TAGS` and `DD_TRACE_SAMPLE_RATE` are settings of the whole: see
/// [`Builder`](crate::Builder). The backend is on when an address is set.
#[derive(Clone, Default)]
#[must_use = "settings do nothing until they are given to a builder"]
pub struct Datadog {
    agent_url: Option<String>,
    statsd_url: Option<String>,
    interval: Option<Duration>,
}

impl fmt::Debug for Datadog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not what a URL may hold beside an address.
        let bare = |url: &Option<String>| url.as_deref().map(settings::bare);
        f.debug_struct("Datadog")
            .field("agent", &bare(&self.agent_url))
            .field("statsd", &bare(&self.statsd_url))
            .field("metric_interval", &self.interval)
            .finish()
    }
}

impl Datadog {
    /// Where traces go: `http://host:8126`, or `unix://` and a path.
    pub fn agent(mut self, url: impl Into<String>) -> Self {
        self.agent_url = Some(url.into());
        self
    }

    /// Where metrics go: `udp://host:8125`, or `unix://` and a path.
    pub fn statsd(mut self, url: impl Into<String>) -> Self {
        self.statsd_url = Some(url.into());
        self
    }

    /// How often metrics are sent; 10 s unless set.
    pub fn metric_interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }
}

impl Builder {
    /// Sends to a Datadog Agent.
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

/// Settings in force.
#[derive(Clone, Debug)]
pub(crate) struct DatadogConfig {
    pub(super) agent: Option<Agent>,
    pub(super) statsd: Option<Statsd>,
    pub(super) interval: Duration,
    /// The sample rate, where somebody chose it; else the Agent may.
    pub(super) rate: Option<f64>,
}

#[cfg(test)]
impl DatadogConfig {
    /// Where everything goes.
    pub(crate) fn addresses(&self) -> String {
        let agent = self.agent.iter().map(|agent| agent.base.clone());
        let statsd = self.statsd.iter().map(|statsd| format!("{statsd:?}"));
        agent.chain(statsd).collect::<Vec<_>>().join(" ")
    }
}

/// Settings in force; `None`: the backend is off.
pub(crate) fn read(
    given: Option<&Datadog>,
    rate: Option<f64>,
    faults: &mut ConfigErrors,
) -> Option<DatadogConfig> {
    let blank = Datadog::default();
    let options = given.unwrap_or(&blank);
    let host = settings::text(&["DD_AGENT_HOST", "DATADOG_AGENT_HOST"]);
    let host = host.or_else(|| given.map(|_| "localhost".to_owned()));
    let url = options.agent_url.clone().map(|url| ("datadog agent", url));
    let url = url.or_else(|| settings::variable(&["DD_TRACE_AGENT_URL"]));
    let port = settings::port(&["DD_TRACE_AGENT_PORT"], faults).unwrap_or(8126);
    let traced = match (url, &host) {
        (Some((name, url)), _) => agent(name, &url, faults),
        (None, Some(host)) => Some(Agent::tcp(host, port)),
        (None, None) => None,
    };
    // The metrics of an Agent that is given for traces go to the same host.
    let host = settings::text(&["DD_DOGSTATSD_HOST"]).or(host);
    let host = host.or_else(|| traced.as_ref().and_then(Agent::host));
    let url = options
        .statsd_url
        .clone()
        .map(|url| ("datadog statsd", url));
    let url = url.or_else(|| settings::variable(&["DD_DOGSTATSD_URL"]));
    let port = settings::port(&["DD_DOGSTATSD_PORT"], faults).unwrap_or(8125);
    let measured = match (url, host) {
        (Some((name, url)), _) => statsd(name, &url, faults),
        (None, Some(host)) => Some(Statsd::Udp(host, port)),
        (None, None) => None,
    };
    let enabled = settings::switch(&["DD_TRACE_ENABLED"], faults) != Some(false);
    let interval = options.interval.or_else(|| interval(faults));
    let config = DatadogConfig {
        agent: traced.filter(|_| enabled),
        statsd: measured,
        interval: interval.unwrap_or(Duration::from_secs(10)),
        rate,
    };
    (config.agent.is_some() || config.statsd.is_some()).then_some(config)
}

fn interval(faults: &mut ConfigErrors) -> Option<Duration> {
    const NAME: &str = "DD_DOGSTATSD_FLUSH_INTERVAL";
    settings::parsed(&[NAME], "a number of seconds above 0", faults, |value| {
        let seconds = value.parse().ok().filter(|seconds| *seconds > 0.0)?;
        Duration::try_from_secs_f64(seconds).ok()
    })
}
