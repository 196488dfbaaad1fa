//! The changes that can be made to a series.

/// A change to the value of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    /// Adds to a counter.
    Add(u64),
    /// Sets a gauge.
    Set(f64),
    /// Adds to a gauge; negative values lower it.
    Adjust(f64),
    /// Records a value into a histogram.
    Record(f64),
}
