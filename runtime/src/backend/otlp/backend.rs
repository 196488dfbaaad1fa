//! The backend's row in the table of `backend`.

use super::OtlpConsumer;
use super::config::{OtlpConfig, read};
use crate::base::settings::ConfigErrors;
use crate::pipeline::{Backend, Config, Endpoints, Environment, Started};

impl Backend for OtlpConfig {
    const NAME: &'static str = "otlp";
    const QUEUES: &'static [&'static str] = &["otlp"];

    fn configure(environment: Environment<'_>, errors: &mut ConfigErrors) -> Option<Self> {
        read(environment.given.get(), errors)
    }

    fn endpoints(&self) -> Endpoints {
        let routes = ["traces", "metrics", "logs"].into_iter().zip(&self.routes);
        let on = routes.filter(|(_, route)| route.is_enabled);
        on.map(|(signal, route)| (signal, route.url.clone()))
            .collect()
    }

    fn start(self, config: &Config) -> std::io::Result<Started> {
        OtlpConsumer::start(self, &config.identity).map(Started::consumer)
    }
}
