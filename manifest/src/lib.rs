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
mod manifest;
mod place;
mod signals;

pub use alert::{Alert, Comparison, Condition, MatchOperator, Matcher, Query, Selection, Severity};
// The runtime writes its JSON log lines by it.
pub use config::{Backend, Config, Endpoint, SampleRule, Variable};
#[doc(hidden)]
pub use json::string as json_string;
pub use manifest::{Manifest, Service, VERSION};
pub use place::{LIBRARY, Place, is_in_library};
pub use signals::{Event, Function, Label, Metric, MetricKind, Objective, Origin};
