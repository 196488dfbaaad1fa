//! Outcomes of calls.

/// How an annotated call ended. Every call has exactly one outcome.
///
/// ```
/// use instrumental::Outcome;
/// assert_eq!(Outcome::Cancelled.as_str(), "cancelled");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Outcome {
    /// It returned a value that is not an error.
    Ok = 0,
    /// It returned an error.
    Error = 1,
    /// Its future was dropped before it finished: by a timeout, a `select!`, an abort, or because a client disconnected.
    Cancelled = 2,
    /// It panicked.
    Panicked = 3,
}

impl Outcome {
    /// All outcomes, in the order of their discriminants.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Error, Self::Cancelled, Self::Panicked];

    /// Returns the value of the `outcome` label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
            Self::Panicked => "panicked",
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
