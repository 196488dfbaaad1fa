//! An error as telemetry sees it, and what its type says about it.

use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

/// How a kind of error is to be treated. Written once, on the error type, by `#[derive(Outcome)]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Part of normal operation ("not found"): counted, never reported, logged at DEBUG.
    Expected,
    /// The caller's mistake: counted, not reported, logged at INFO.
    Client,
    /// Temporary; the caller may try again: counted and reported, logged at WARN.
    Retry,
    /// This service's failure: counted, reported, logged at ERROR. What an unclassified error is.
    Server,
    /// Data or money at risk: as `Server`, reported as fatal.
    Fatal,
}

impl ErrorKind {
    /// The value of the `class` label.
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

    /// All kinds, in the order of their numbers.
    pub(crate) const ALL: [Self; 5] = [
        Self::Expected,
        Self::Client,
        Self::Retry,
        Self::Server,
        Self::Fatal,
    ];

    /// Whether the service failed, and not whoever asked.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Expected | Self::Client)
    }
}

/// The class of one error value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ErrorClass {
    /// How it is treated.
    pub kind: ErrorKind,
    /// The HTTP status it answers with; 0 = the usual one of its kind.
    pub http_status: u16,
    /// Whether it should page somebody.
    pub page: bool,
}

impl ErrorClass {
    /// The class of an error about which nothing was said.
    pub const UNCLASSIFIED: Self = Self::of(ErrorKind::Server);

    /// A class with the usual status of its kind.
    #[must_use]
    pub const fn of(kind: ErrorKind) -> Self {
        Self {
            kind,
            http_status: 0,
            page: false,
        }
    }

    /// The HTTP status to answer with.
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

    /// Whether an error of this class is reported.
    #[must_use]
    pub const fn is_reported(self) -> bool {
        self.kind.is_failure()
    }
}

/// Label and class of an error.
pub type Class = (&'static str, ErrorClass);

/// The name of the variant of an error. Derived by `#[derive(Label)]` on an enum that carries data.
pub trait VariantLabel {
    /// A value of a closed set, fit to be a metric label.
    fn label(&self) -> &'static str;
}

/// An error type that says how each of its variants is to be treated. Derived by `#[derive(Outcome)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what its errors mean",
    label = "not classified",
    note = "derive `Outcome` on it, or classify the variant that it is in: `#[outcome(server)]` in place of `transparent`"
)]
pub trait Classified {
    /// A value of a closed set, fit to be a metric label.
    fn label(&self) -> &'static str;
    /// The class of this value.
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

/// An error of a type that only the running program knows.
pub trait Dynamic {
    /// As an `Error`.
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

/// What leads to an error.
pub trait Within {
    /// Shows the error.
    fn with(&self, then: &mut dyn FnMut(&dyn Error));
    /// The name of its type.
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

/// The error value, by the best trait it has.
#[derive(Clone, Copy)]
pub enum FaultValue<'a> {
    /// It is an `Error`: text and chain of sources.
    Error(&'a (dyn Error + 'a)),
    /// It is an `Error`, and its own type is not known.
    Dynamic(&'a (dyn Error + 'static)),
    /// It leads to an `Error`.
    Within(&'a (dyn Within + 'a)),
    /// It can be displayed.
    Display(&'a (dyn Display + 'a)),
    /// It can be debugged.
    Debug(&'a (dyn Debug + 'a)),
    /// Nothing can be said of it but its type.
    Opaque,
}

/// An error of an annotated call.
#[derive(Clone, Copy)]
pub struct Fault<'a> {
    /// The variant's label, or the type's name.
    pub label: &'static str,
    /// The type's full name.
    pub type_name: &'static str,
    /// What the type says about it.
    pub class: ErrorClass,
    /// Whether it is reported where the call captures errors.
    pub reported: bool,
    /// The value.
    pub value: FaultValue<'a>,
}

/// What an annotated call returned.
#[derive(Clone, Copy)]
pub enum Verdict<'a> {
    /// No error.
    Ok,
    /// An error.
    Error(Fault<'a>),
}
