//! Changes of a series.

/// A change of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    Add(u64),
    Set(f64),
    Adjust(f64),
    Record(f64),
}
