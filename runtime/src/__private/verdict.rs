//! What a returned value means, decided by its type through method resolution.
//!
//! `(&&Probe(&value)).fault()` finds, of the traits below that the value's type implements, the one with the most
//! references. No name is looked at: aliases, re-exports and shadowed names are all the same.

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

/// Types that hold an error, or not.
pub trait Fallible<'a> {
    /// The error's type.
    type Error: 'a;
    /// The other type.
    type Value: 'a;
    /// The error, if it is one.
    fn fault(&self) -> Option<&'a Self::Error>;
    /// The value, if it is none.
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

/// `ControlFlow` holds an error where what it breaks with is one. Not asked of an error's type that may borrow: to be an
/// error is what may hold for some lifetimes only.
pub trait Broken<'a> {
    /// The error's type.
    type Error: 'a;
    /// The other type.
    type Value: 'a;
    /// The error, if it is one.
    fn fault(&self) -> Option<&'a Self::Error>;
    /// The value, if it is none.
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

/// No error is possible.
#[derive(Debug)]
pub enum Never {}

/// Every other type.
pub trait Infallible<'a> {
    /// Its type.
    type Value: ?Sized + 'a;
    /// None.
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

/// Puts the description of an error together: once for a type, not in every function that may return it.
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

/// Whether an error is of this type.
pub struct Is<E>(PhantomData<E>);

impl<E> Is<E> {
    /// To be asked.
    pub const NEW: Self = Self(PhantomData);
}

/// A type that can be recognised: what a `dyn Error` of it says of itself.
pub trait OfType {
    /// Label and class, where it is of this type.
    fn class_of(&self, error: &(dyn Error + 'static)) -> Option<Class>;
}
impl<E: Error + Classified + 'static> OfType for &Is<E> {
    fn class_of(&self, error: &(dyn Error + 'static)) -> Option<Class> {
        let error = error.downcast_ref::<E>()?;
        Some((error.label(), error.class()))
    }
}

/// A type that is no `Error`.
pub trait OfNoError {
    /// None.
    fn class_of(&self, _: &(dyn Error + 'static)) -> Option<Class> {
        None
    }
}
impl<E> OfNoError for Is<E> {}

/// The verdict of `error_if`, of a value that holds no error.
#[must_use]
pub fn by_rule() -> Verdict<'static> {
    no_value("error_if")
}

/// The verdict of `none = "error"`.
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

/// Lets a rule's argument be inferred from the value.
#[inline(always)]
pub fn rule<T: ?Sized>(value: &T, rule: impl FnOnce(&T) -> bool) -> bool {
    rule(value)
}

/// All that can be asked.
pub mod full {
    pub use super::Broken as _;
    pub use super::levels::{ToClass as _, ToValue as _};
}
