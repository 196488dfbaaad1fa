//! The implementation of the `Backend` trait.

use super::DatadogConsumer;
use super::options::{DatadogConfig, read};
use crate::base::settings::ConfigErrors;
use crate::pipeline::{Backend, Config, Endpoints, Environment, Started};

impl Backend for DatadogConfig {
    const NAME: &'static str = "datadog";
    const QUEUES: &'static [&'static str] = &["datadog", "dogstatsd"];

    fn configure(environment: Environment<'_>, errors: &mut ConfigErrors) -> Option<Self> {
        let sampling = &environment.config.sampling;
        let rate = sampling.is_given.then_some(sampling.rate);
        read(environment.given.get(), rate, errors)
    }

    fn endpoints(&self) -> Endpoints {
        let traces = self.agent.iter().map(|agent| ("traces", agent.address()));
        let metrics = self
            .statsd
            .iter()
            .map(|statsd| ("metrics", statsd.address()));
        traces.chain(metrics).collect()
    }

    fn start(self, config: &Config) -> std::io::Result<Started> {
        DatadogConsumer::start(&self, &config.identity).map(Started::consumer)
    }
}
