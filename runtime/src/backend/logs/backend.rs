//! The implementation of the `Backend` trait.

use super::Logs;
use super::settings::{Folder, LogsConfig};
use super::{file_settings, tcp};
use crate::base::settings::ConfigErrors;
use crate::pipeline::{Backend, Config, Endpoints, Environment, Started};

impl Backend for LogsConfig {
    const NAME: &'static str = "logs";
    const QUEUES: &'static [&'static str] = &["console", "files", "tcp"];

    fn configure(environment: Environment<'_>, errors: &mut ConfigErrors) -> Option<Self> {
        let given = environment.given.get::<Folder>();
        let given = given.map(|folder| folder.0.as_path());
        Some(Self {
            files: file_settings::read(given, environment.config, errors),
            peer: tcp::read(errors),
        })
    }

    fn endpoints(&self) -> Endpoints {
        let mut endpoints = vec![("logs", "stdout".to_owned())];
        endpoints.extend(self.files.iter().map(|files| ("logs", files.address())));
        endpoints.extend(
            self.peer
                .iter()
                .map(|peer| ("logs", format!("tcp://{peer}"))),
        );
        endpoints
    }

    fn start(self, config: &Config) -> std::io::Result<Started> {
        Logs::start(config, self.files, self.peer).map(Started::consumer)
    }
}
