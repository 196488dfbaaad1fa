//! Settings of log lines: the console, files, and lines over TCP.

use super::Logs;
use super::files::{self, FilesConfig};
use super::tcp;
use crate::base::builder::Builder;
use crate::base::settings::ConfigErrors;
use crate::pipeline::{Backend, Config, Endpoints, Environment, Started};
use std::path::PathBuf;

/// The folder that the program gave.
#[derive(Debug)]
struct Folder(PathBuf);

impl Builder {
    /// Writes log lines to `combined.log`, and errors to `error.log`, in this folder: see `LOG_DIR`.
    ///
    /// ```no_run
    /// let telemetry = instrumental::builder().log_dir("logs").init()?;
    /// # Ok::<(), instrumental::SetupError>(())
    /// ```
    pub fn log_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.given.set(Folder(folder.into()));
        self
    }
}

/// Settings in force.
pub(crate) struct LogsConfig {
    files: Option<FilesConfig>,
    /// Where lines go over TCP.
    peer: Option<String>,
}

impl Backend for LogsConfig {
    const NAME: &'static str = "logs";
    const QUEUES: &'static [&'static str] = &["console", "files", "tcp"];

    fn configure(environment: Environment<'_>, errors: &mut ConfigErrors) -> Option<Self> {
        let given = environment.given.get::<Folder>();
        let given = given.map(|folder| folder.0.as_path());
        Some(Self {
            files: files::read(given, environment.config, errors),
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
