//! How a value is recorded.

/// The format of a recorded value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// Chosen by the type: a number, boolean or string as such, else `Display`, else `Debug`.
    Auto,
    Display,
    Debug,
}

impl Format {
    /// The macro of the runtime that records in this format.
    pub(crate) fn macro_name(self) -> &'static str {
        match self {
            Self::Auto => "value",
            Self::Display => "display",
            Self::Debug => "debug",
        }
    }
}
