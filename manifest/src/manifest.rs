//! The manifest as a whole.

use crate::alert::Alert;
use crate::config::Config;
use crate::json::ToJson as _;
use crate::signals::{Event, Function, Metric};

/// The version of the format. A change that existing readers would misunderstand raises it.
pub const VERSION: u32 = 1;

record! {
    /// Everything a program can report, and how it is configured to report it.
    pub struct Manifest {
        /// The version of the format: [`VERSION`].
        manifest: u32,
        /// The version of the library that wrote it.
        instrumental: String,
        /// The service that the telemetry belongs to.
        service: Service,
        /// All annotated functions.
        functions: Vec<Function>,
        /// All metrics, including those of the library.
        metrics: Vec<Metric>,
        /// All business events.
        events: Vec<Event>,
        /// All alerts.
        alerts: Vec<Alert>,
        /// How the program is configured to report.
        config: Config,
    }
}

impl Manifest {
    /// Returns the manifest as one line of JSON with a newline at its end.
    ///
    /// Numbers that JSON cannot represent (infinities and NaN) are written as 0. Control characters and characters that
    /// change the direction of text are escaped, so the line can be shown in a terminal.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out.push('\n');
        out
    }
}

record! {
    /// The service that the telemetry belongs to.
    #[derive(Eq)]
    pub struct Service {
        /// The service's name.
        name: String,
        /// The deployment environment: `production`.
        environment: String,
        /// The service's version, if it is known.
        version: Option<String>,
    }
}
