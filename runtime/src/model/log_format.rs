//! How log lines look.

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: colours on a terminal, trace trees.
    Pretty,
    /// One JSON object a line.
    Json,
}
