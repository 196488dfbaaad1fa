//! Samples of every series of the process.

use super::self_metrics;
use crate::collect::store::snapshot::{self, Sample};

/// Reads every series of the process, including those of telemetry itself (`instrumental.*`).
///
/// Counts are exact. A value that another thread records during the call may or may not be included. Without
/// [`init`](crate::init), the application's own recorder receives the values, and the series are empty.
///
/// ```
/// for sample in instrumental::samples() {
///     println!("{} {:?} {:?}", sample.name(), sample.labels(), sample.value);
/// }
/// ```
#[must_use]
pub fn samples() -> Vec<Sample> {
    let mut samples = snapshot::samples();
    samples.extend(self_metrics::samples());
    samples
}
