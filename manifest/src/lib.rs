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
mod signals;

pub use alert::{Alert, Comparison, Condition, MatchOperator, Matcher, Query, Selection, Severity};
pub use config::{Backend, Config, Endpoint, SampleRule, Variable};
pub use signals::{Event, Function, Label, Metric, MetricKind, Objective, Origin};

use json::ToJson as _;

/// The version of the format. A change that existing readers would misunderstand raises it.
pub const VERSION: u32 = 1;

/// The module path of everything that the library itself declares.
pub const LIBRARY: &str = "instrumental";

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

record! {
    /// A place in the source.
    #[derive(Default, Eq)]
    pub struct Place {
        /// The path of the file, relative to its package. Empty for what the library declares.
        file: String,
        /// The line, starting at 1.
        line: u32,
        /// The module's path.
        module: String,
    }
}

impl Place {
    /// Returns `file:line`, or the module if there is no file.
    ///
    /// ```
    /// use instrumental_manifest::Place;
    ///
    /// let place = Place { file: "src/payments.rs".into(), line: 40, module: "shop::payments".into() };
    /// assert_eq!(place.source(), "src/payments.rs:40");
    /// ```
    pub fn source(&self) -> String {
        if self.file.is_empty() {
            return self.module.clone();
        }
        format!("{}:{}", self.file, self.line)
    }

    /// Whether the place is in the library, rather than in the program's own source.
    pub fn is_in_library(&self) -> bool {
        is_in_library(&self.module)
    }
}

/// Whether a module belongs to the library.
///
/// ```
/// use instrumental_manifest::is_in_library;
///
/// assert!(is_in_library("instrumental::http"));
/// assert!(!is_in_library("instrumental_shop"));
/// ```
pub fn is_in_library(module: &str) -> bool {
    match module.strip_prefix(LIBRARY) {
        Some(rest) => rest.is_empty() || rest.starts_with("::"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_without_a_file_is_shown_as_its_module() {
        let mut place = Place {
            module: "instrumental".into(),
            ..Place::default()
        };
        assert_eq!(place.source(), "instrumental");
        assert!(place.is_in_library());
        (place.file, place.line) = ("src/a.rs".into(), 7);
        place.module = "instrumental_shop".into();
        assert_eq!(place.source(), "src/a.rs:7");
        assert!(!place.is_in_library());
    }
}
