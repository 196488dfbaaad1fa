//! The implementation of the `Backend` trait.

use super::SentryConsumer;
use super::options::{SentryConfig, read};
use crate::base::settings::ConfigErrors;
use crate::collect::organization;
use crate::pipeline::{Backend, Config, Endpoints, Environment, Started};

impl Backend for SentryConfig {
    const NAME: &'static str = "sentry";
    const QUEUES: &'static [&'static str] = &["sentry"];

    fn configure(environment: Environment<'_>, errors: &mut ConfigErrors) -> Option<Self> {
        let config = environment.config;
        let (given, rate) = (environment.given.get(), config.sampling.rate);
        read(given, &config.identity, rate, errors)
    }

    /// Returns the address of the project without the key of the DSN.
    fn endpoints(&self) -> Endpoints {
        let (scheme, host, port) = (self.dsn.scheme(), self.dsn.host(), self.dsn.port());
        let project = self.dsn.project_id();
        vec![("errors", format!("{scheme}://{host}:{port}/{project}"))]
    }

    fn error_sample_rate(&self) -> Option<f64> {
        Some(self.error_sample_rate)
    }

    fn start(self, _: &Config) -> std::io::Result<Started> {
        organization::set(self.organization());
        SentryConsumer::start(self).map(Started::consumer)
    }
}
