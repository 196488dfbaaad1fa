//! Why a command could not do its work.

use std::fmt;

/// One sentence that says what to do.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// The exit code of a command that could not do its work.
    pub(crate) const EXIT: u8 = 2;

    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
