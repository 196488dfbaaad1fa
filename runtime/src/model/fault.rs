//! Errors of annotated calls, and their classes.

use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

/// How an error is treated. Declared once, on the error type, with `#[derive(Outcome)]`.
///
/// ```
/// use instrumental::{Classified, ErrorKind, Outcome};
///
/// #[derive(Debug, Outcome)]
/// enum PayError { #[outcome(client)] Declined, #[outcome(retry)] Busy }
///
/// assert_eq!(PayError::Busy.class().kind, ErrorKind::Retry);
/// assert!(!PayError::Declined.class().kind.is_failure());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Part of normal operation, such as "not found": counted, never reported, logged at DEBUG.
    Expected,
    /// The caller's mistake: counted, not reported, logged at INFO.
    Client,
    /// Temporary, so the caller may retry: counted and reported, logged at WARN.
    Retry,
    /// A failure of this service: counted, reported, logged at ERROR. Unclassified errors are of this kind.
    Server,
    /// A failure that puts data or money at risk: like `Server`, but reported as fatal.
    Fatal,
}

impl ErrorKind {
    /// Returns the value of the `class` label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Client => "client",
            Self::Retry => "retry",
            Self::Server => "server",
            Self::Fatal => "fatal",
        }
    }

    /// All kinds, in the order of their discriminants.
    pub(crate) const ALL: [Self; 5] = [
        Self::Expected,
        Self::Client,
        Self::Retry,
        Self::Server,
        Self::Fatal,
    ];

    /// Returns whether the error is a failure of the service, rather than expected or the caller's mistake.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Expected | Self::Client)
    }
}

/// The class of an error value.
///
/// ```
/// use instrumental::{ErrorClass, ErrorKind};
/// let class = ErrorClass::of(ErrorKind::Client);
/// assert_eq!(class.status(), 400);
/// assert!(!class.is_reported());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ErrorClass {
    /// How the error is treated.
    pub kind: ErrorKind,
    /// The HTTP status of the response; zero means the default of the kind.
    pub http_status: u16,
    /// Whether the error should page the engineer on call.
    pub page: bool,
}

impl ErrorClass {
    /// The class of an error whose type is not classified.
    pub const UNCLASSIFIED: Self = Self::of(ErrorKind::Server);

    /// Creates a class with the default status of its kind.
    #[must_use]
    pub const fn of(kind: ErrorKind) -> Self {
        Self {
            kind,
            http_status: 0,
            page: false,
        }
    }

    /// Returns the HTTP status of the response: 404 for expected errors, 400, 503 and 500 for the other kinds, unless the class
    /// has a status of its own.
    #[must_use]
    pub const fn status(self) -> u16 {
        match (self.http_status, self.kind) {
            (0, ErrorKind::Expected) => 404,
            (0, ErrorKind::Client) => 400,
            (0, ErrorKind::Retry) => 503,
            (0, ErrorKind::Server | ErrorKind::Fatal) => 500,
            (status, _) => status,
        }
    }

    /// Returns whether errors of this class are reported.
    #[must_use]
    pub const fn is_reported(self) -> bool {
        self.kind.is_failure()
    }
}

/// Label and class of an error.
pub type Class = (&'static str, ErrorClass);

/// The label of an error's variant. Derived by `#[derive(Label)]` on an enum that carries data.
///
/// ```
/// use instrumental::{Label, VariantLabel};
///
/// #[derive(Debug, Label)]
/// enum ParseError { BadHeader(String), Eof }
///
/// assert_eq!(VariantLabel::label(&ParseError::BadHeader("x".into())), "bad_header");
/// ```
pub trait VariantLabel {
    /// Returns the label of this value, from a closed set, so that it may label a metric.
    fn label(&self) -> &'static str;
}

/// An error type that classifies each of its variants. Derived by `#[derive(Outcome)]`; see [`ErrorKind`] for an example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what its errors mean",
    label = "not classified",
    note = "derive `Outcome` on it, or classify the variant that it is in: `#[outcome(server)]` in place of `transparent`"
)]
pub trait Classified {
    /// Returns the label of this value, from a closed set, so that it may label a metric.
    fn label(&self) -> &'static str;
    /// Returns the class of this value.
    fn class(&self) -> ErrorClass;
}

macro_rules! of_pointers {
    ($($pointer:ty),*) => {$(
        impl<T: VariantLabel + ?Sized> VariantLabel for $pointer {
            fn label(&self) -> &'static str {
                (**self).label()
            }
        }
        impl<T: Classified + ?Sized> Classified for $pointer {
            fn label(&self) -> &'static str {
                (**self).label()
            }
            fn class(&self) -> ErrorClass {
                (**self).class()
            }
        }
        impl<T: Dynamic + ?Sized> Dynamic for $pointer {
            fn error(&self) -> &(dyn Error + 'static) {
                (**self).error()
            }
        }
    )*};
}

of_pointers!(&T, Box<T>, Rc<T>, Arc<T>);

/// A `dyn Error`, whose type is known only at run time.
pub trait Dynamic {
    /// Returns the error.
    fn error(&self) -> &(dyn Error + 'static);
}

macro_rules! dynamic {
    ($($ty:ty),*) => {$(
        impl Dynamic for $ty {
            fn error(&self) -> &(dyn Error + 'static) {
                self
            }
        }
    )*};
}

dynamic!(
    dyn Error,
    dyn Error + Send,
    dyn Error + Sync,
    dyn Error + Send + Sync
);

/// A pointer to an error.
pub trait Within {
    /// Calls `then` with the error.
    fn with(&self, then: &mut dyn FnMut(&dyn Error));
    /// Returns the name of the error's type.
    fn type_name(&self) -> &'static str;
}

impl<E: Deref + ?Sized> Within for E
where
    E::Target: Error,
{
    fn with(&self, then: &mut dyn FnMut(&dyn Error)) {
        then(&&**self);
    }

    fn type_name(&self) -> &'static str {
        std::any::type_name::<E::Target>()
    }
}

/// An error value, by the most specific trait that its type implements.
#[derive(Clone, Copy)]
pub enum FaultValue<'a> {
    /// An `Error`, which has a text and a chain of sources.
    Error(&'a (dyn Error + 'a)),
    /// An `Error` whose type is known only at run time.
    Dynamic(&'a (dyn Error + 'static)),
    /// A pointer to an `Error`.
    Within(&'a (dyn Within + 'a)),
    /// A value with `Display`.
    Display(&'a (dyn Display + 'a)),
    /// A value with `Debug`.
    Debug(&'a (dyn Debug + 'a)),
    /// A value of which only the type is known.
    Opaque,
}

/// An error of an annotated call.
#[derive(Clone, Copy)]
pub struct Fault<'a> {
    /// The variant's label, or the type's name.
    pub label: &'static str,
    /// The type's full name.
    pub type_name: &'static str,
    /// Its class.
    pub class: ErrorClass,
    /// Whether it is reported by calls that capture errors.
    pub reported: bool,
    /// The value.
    pub value: FaultValue<'a>,
}

/// The evaluated return value of an annotated call.
#[derive(Clone, Copy)]
pub enum Verdict<'a> {
    /// No error.
    Ok,
    /// An error.
    Error(Fault<'a>),
}
