//! Settings of log lines: the console, files, and lines over TCP.

use super::files::FilesConfig;
use crate::base::builder::Builder;
use std::path::PathBuf;

/// The folder that the program gave.
#[derive(Debug)]
pub(super) struct Folder(pub(super) PathBuf);

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
    pub(super) files: Option<FilesConfig>,
    /// Where lines go over TCP.
    pub(super) peer: Option<String>,
}
