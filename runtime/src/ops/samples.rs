//! Every number of the process.

use super::own;
use crate::collect::store::snapshot::{self, Sample};

/// Reads every series of the process, those of telemetry itself (`instrumental.*`) included. Counts are exact; a value
/// recorded meanwhile may be in or not.
///
/// ```
/// for sample in instrumental::samples() {
///     println!("{} {:?} {:?}", sample.name(), sample.labels(), sample.value);
/// }
/// ```
#[must_use]
pub fn samples() -> Vec<Sample> {
    let mut samples = snapshot::samples();
    samples.extend(own::samples());
    samples
}
