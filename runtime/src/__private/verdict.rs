//! Verdicts on returned values: whether a value is an error, decided by its type through method resolution.
//!
//! `(&&Probe(&value)).fault()` resolves to the trait below that is implemented for the value's type with the most references.
//! Types are never recognised by name, so aliases, re-exports and shadowed names make no difference.

mod levels;

use crate::collect::report::kind;
use crate::model::fault::{Class, Classified, ErrorClass, Fault, FaultValue, Verdict};
pub use levels::{Describe, debug, display, error, narrow, nothing};
use std::error::Error;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::task::Poll;

/// A returned value.
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// Types with an error variant.
pub trait Fallible<'a> {
    /// The error's type.
    type Error: 'a;
    /// The value's type.
    type Value: 'a;
    /// Returns the error, if the value is one.
    fn fault(&self) -> Option<&'a Self::Error>;
    /// Returns the value, if it is not an error.
    fn value(&self) -> Option<&'a Self::Value>;
}

macro_rules! fallible {
    ($([$($generic:tt)*] $ty:ty, $error:ty, $value:ty: $pattern:pat => $found:expr, $good:pat => $inner:expr;)*) => {$(
        impl<'a, $($generic)*> Fallible<'a> for &Probe<'a, $ty> {
            type Error = $error;
            type Value = $value;
            #[inline(always)]
            fn fault(&self) -> Option<&'a $error> {
                match self.0 { $pattern => Some($found), _ => None }
            }
            #[inline(always)]
            fn value(&self) -> Option<&'a $value> {
                match self.0 { $good => Some($inner), _ => None }
            }
        }
    )*};
}

fallible! {
    [T, E] Result<T, E>, E, T: Err(error) => error, Ok(value) => value;
    [T, E] Option<Result<T, E>>, E, T: Some(Err(error)) => error, Some(Ok(value)) => value;
    [T, E] Poll<Result<T, E>>, E, T: Poll::Ready(Err(error)) => error, Poll::Ready(Ok(value)) => value;
    [T, E] Poll<Option<Result<T, E>>>, E, T:
        Poll::Ready(Some(Err(error))) => error, Poll::Ready(Some(Ok(value))) => value;
}

/// `ControlFlow` is an error if its break value implements `Error`. This trait is not imported for error types that may
/// borrow, which may implement `Error` only for some lifetimes.
pub trait Broken<'a> {
    /// The error's type.
    type Error: 'a;
    /// The value's type.
    type Value: 'a;
    /// Returns the error, if the value is one.
    fn fault(&self) -> Option<&'a Self::Error>;
    /// Returns the value, if it is not an error.
    fn value(&self) -> Option<&'a Self::Value>;
}
impl<'a, E: Error, C> Broken<'a> for &Probe<'a, ControlFlow<E, C>> {
    type Error = E;
    type Value = C;
    #[inline(always)]
    fn fault(&self) -> Option<&'a E> {
        match self.0 {
            ControlFlow::Break(error) => Some(error),
            ControlFlow::Continue(_) => None,
        }
    }
    #[inline(always)]
    fn value(&self) -> Option<&'a C> {
        match self.0 {
            ControlFlow::Continue(value) => Some(value),
            ControlFlow::Break(_) => None,
        }
    }
}

/// The error type of values that are never errors.
#[derive(Debug)]
pub enum Never {}

/// All other types.
pub trait Infallible<'a> {
    /// The value's type.
    type Value: ?Sized + 'a;
    /// Returns `None`.
    #[inline(always)]
    fn fault(&self) -> Option<&'a Never> {
        None
    }
    /// The value.
    fn value(&self) -> Option<&'a Self::Value>;
}
impl<'a, T: ?Sized> Infallible<'a> for Probe<'a, T> {
    type Value = T;
    #[inline(always)]
    fn value(&self) -> Option<&'a T> {
        Some(self.0)
    }
}

/// Builds the verdict for an error. It is outlined, so that this is compiled once for each type, and not in every function
/// that returns it.
#[cold]
#[inline(never)]
pub fn fault<'a, E>(
    error: &'a E,
    class: fn(&'a E) -> Option<Class>,
    value: fn(&'a E) -> FaultValue<'a>,
    reported: bool,
) -> Verdict<'a> {
    let fault = kind::of(class(error), value(error), std::any::type_name::<E>());
    Verdict::Error(Fault { reported, ..fault })
}

/// Recognises errors of the type `E`.
pub struct Is<E>(PhantomData<E>);

impl<E> Is<E> {
    /// The only value.
    pub const NEW: Self = Self(PhantomData);
}

/// Types that can be recognised behind a `dyn Error`.
pub trait OfType {
    /// Returns label and class of the error if it is of this type.
    fn class_of(&self, error: &(dyn Error + 'static)) -> Option<Class>;
}
impl<E: Error + Classified + 'static> OfType for &Is<E> {
    fn class_of(&self, error: &(dyn Error + 'static)) -> Option<Class> {
        let error = error.downcast_ref::<E>()?;
        Some((error.label(), error.class()))
    }
}

/// Types that do not implement `Error`.
pub trait OfNoError {
    /// Returns `None`.
    fn class_of(&self, _: &(dyn Error + 'static)) -> Option<Class> {
        None
    }
}
impl<E> OfNoError for Is<E> {}

/// Returns the verdict of `error_if` on a value that has no error of its own.
#[must_use]
pub fn by_rule() -> Verdict<'static> {
    no_value("error_if")
}

/// Returns the verdict of `none = "error"`.
#[must_use]
pub fn by_none<T>(value: &Option<T>) -> Verdict<'static> {
    if value.is_none() {
        no_value("none")
    } else {
        Verdict::Ok
    }
}

fn no_value(label: &'static str) -> Verdict<'static> {
    Verdict::Error(Fault {
        label,
        type_name: label,
        class: ErrorClass::UNCLASSIFIED,
        reported: true,
        value: FaultValue::Opaque,
    })
}

/// Calls the rule. The signature lets the compiler infer the type of the rule's argument.
#[inline(always)]
pub fn rule<T: ?Sized>(value: &T, rule: impl FnOnce(&T) -> bool) -> bool {
    rule(value)
}

/// All levels.
pub mod full {
    pub use super::Broken as _;
    pub use super::levels::{ToClass as _, ToValue as _};
}
