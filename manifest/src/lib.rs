//! The manifest of a program that is instrumented with `instrumental`: every function, metric, event and alert it can
//! report, and how it is configured to report them.
//!
//! The runtime fills a [`Manifest`] and writes it with [`Manifest::to_json`]; `cargo instrumental` reads the same types
//! with serde (feature `serde`). Each field is declared once, by the macros in `record.rs`, which generate the type, its
//! JSON writer and its serde attributes, so the two directions agree.
//!
//! ```
//! use instrumental_manifest::{Config, Manifest, Service, VERSION};
//!
//! let manifest = Manifest {
//!     manifest: VERSION,
//!     instrumental: "0.1.0".to_owned(),
//!     service: Service {
//!         name: "shop".to_owned(),
//!         environment: "production".to_owned(),
//!         version: None,
//!     },
//!     functions: Vec::new(),
//!     metrics: Vec::new(),
//!     events: Vec::new(),
//!     alerts: Vec::new(),
//!     config: Config::default(),
//! };
//! assert!(manifest.to_json().starts_with(r#"{"manifest":1,"instrumental":"0.1.0","service":{"name":"shop""#));
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]

// Declared first: macros are in scope after their declaration.
#[macro_use]
mod record;

mod alert;
mod config;
mod json;
mod place;
mod signals;

pub use alert::{Alert, Comparison, Condition, MatchOperator, Matcher, Query, Selection, Severity};
pub use config::{Backend, Config, Endpoint, SampleRule, Variable};
pub use place::{LIBRARY, Place, is_in_library};
pub use signals::{Event, Function, Label, Metric, MetricKind, Objective, Origin};

use json::ToJson as _;

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
