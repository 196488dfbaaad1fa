//! Why a command failed.

use std::fmt;

/// One sentence, which says how to fix it.
#[derive(Debug)]
pub(crate) struct Error(String);

impl Error {
    /// The exit code of a command that failed.
    pub(crate) const EXIT_CODE: u8 = 2;

    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
