//! Settings of the logs backend.

use super::files::FilesConfig;
use crate::base::builder::Builder;
use std::path::PathBuf;

/// The folder that the program sets.
#[derive(Debug)]
pub(super) struct Folder(pub(super) PathBuf);

impl Builder {
    /// Writes log records to `combined.log`, and errors to `error.log`, in this folder. It takes precedence over the
    /// variable `LOG_DIR`. `init()` reports a folder that cannot be written to as an error.
    ///
    /// The files are rotated as `LOG_ROTATION` (`daily`, `size`, `both` or `never`), `LOG_MAX_SIZE` (such as `20m`),
    /// `LOG_MAX_FILES` and `LOG_MAX_AGE` (such as `30d`) specify. By default they are rotated daily and at 20 MiB, and 14
    /// rotated files of each are kept.
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

/// The resolved settings.
pub(crate) struct LogsConfig {
    pub(super) files: Option<FilesConfig>,
    /// The `host:port` that lines are sent to over TCP.
    pub(super) peer: Option<String>,
}
