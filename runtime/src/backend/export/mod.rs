//! Send what the program reports to a backend of your own.
//!
//! An [`Exporter`] gets [`Batch`]es of spans, errors, log records, events and metrics, on a thread of its own. The queue
//! before it, retries, the account in [`health`](crate::health()), flush and shutdown are those of the built-in backends.
//!
//! ```no_run
//! use instrumental::export::{Batch, ExportError, Exporter};
//!
//! struct Printer;
//!
//! impl Exporter for Printer {
//!     fn export(&mut self, batch: &Batch<'_>) -> Result<(), ExportError> {
//!         for span in batch.spans() {
//!             println!("{} took {:?}", span.name(), span.duration());
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let telemetry = instrumental::builder().exporter("printer", Printer).init()?;
//! # Ok::<(), instrumental::SetupError>(())
//! ```

mod batch;
mod consumer;
mod error;
mod register;

pub use crate::base::settings::Identity as Resource;
pub use crate::pipeline::processor::{ErrorRecord, EventRecord, LogRecord, ReportKind, Span};
pub use batch::Batch;
pub use consumer::Exporter;
pub use error::ExportError;
pub(crate) use register::configure;
