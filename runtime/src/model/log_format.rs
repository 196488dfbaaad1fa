//! Formats of log lines.

/// The format of log lines.
///
/// ```
/// use instrumental::LogFormat;
/// let builder = instrumental::builder().log_format(LogFormat::Json);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people, with colours on a terminal and trace trees.
    Pretty,
    /// One JSON object per line.
    Json,
}
