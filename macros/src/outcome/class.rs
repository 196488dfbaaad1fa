//! What an error means for the service.

use proc_macro2::Span;

/// The class of an error.
pub(crate) struct Class {
    pub kind: ClassKind,
    /// Where the class is given.
    pub span: Span,
    /// The HTTP status; 0 is that of the kind.
    pub http: u16,
    pub page: bool,
}

/// The kind of a class, named as the variants of the runtime's `ErrorKind`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ClassKind {
    Expected,
    Client,
    Retry,
    Server,
    Fatal,
}

impl ClassKind {
    /// The variant of the runtime's `ErrorKind`.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Self::Expected => "Expected",
            Self::Client => "Client",
            Self::Retry => "Retry",
            Self::Server => "Server",
            Self::Fatal => "Fatal",
        }
    }
}
