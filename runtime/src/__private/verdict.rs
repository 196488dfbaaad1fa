//! What a returned value means, decided by its type through method resolution.
//!
//! `(&&Probe(&value)).fault()` finds, of the traits below that the value's type implements, the one with the most
//! references. No name is looked at: aliases, re-exports and shadowed names are all the same.

use crate::model::fault::{Classified, ErrorClass, Fault, FaultValue, VariantLabel, Verdict};
use std::error::Error;
use std::fmt::{Debug, Display};
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
    [E: Error, C] ControlFlow<E, C>, E, C: ControlFlow::Break(error) => error, ControlFlow::Continue(value) => value;
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

/// An error, to be described.
pub struct Describe<'a, E: ?Sized>(pub &'a E);

/// Label and class of an error.
pub type Class = (&'static str, ErrorClass);

macro_rules! levels {
    ($($(#[$doc:meta])* $trait:ident $method:ident [$($refs:tt)*] $bound:path, |$e:ident| $out:ty: $body:expr;)*) => {$(
        $(#[$doc])*
        pub trait $trait<'a, E: ?Sized> {
            /// How such an error is described.
            fn $method(&self) -> fn(&'a E) -> $out;
        }
        impl<'a, E: $bound> $trait<'a, E> for $($refs)* Describe<'a, E> {
            #[inline(always)]
            fn $method(&self) -> fn(&'a E) -> $out {
                |$e| $body
            }
        }
    )*};
}

levels! {
    /// Its type says how it is treated.
    ByClass class [&&] Classified, |e| Class: (e.label(), e.class());
    /// Its type names its variants.
    ByVariant class [&] VariantLabel, |e| Class: (e.label(), ErrorClass::UNCLASSIFIED);
    /// It is an `Error`.
    ByError value [&&&] Error, |e| FaultValue<'a>: FaultValue::Error(e);
    /// It can be displayed.
    ByDisplay value [&&] Display, |e| FaultValue<'a>: FaultValue::Display(e);
    /// It can be debugged.
    ByDebug value [&] Debug, |e| FaultValue<'a>: FaultValue::Debug(e);
}

/// Its type says nothing.
pub trait ByType<'a, E: ?Sized> {
    /// The type's name.
    fn class(&self) -> fn(&'a E) -> Class;
}
impl<'a, E: ?Sized> ByType<'a, E> for Describe<'a, E> {
    #[inline(always)]
    fn class(&self) -> fn(&'a E) -> Class {
        |_| (short_type_name::<E>(), ErrorClass::UNCLASSIFIED)
    }
}

/// Nothing can be said of its value.
pub trait ByNothing<'a, E: ?Sized> {
    /// Opaque.
    fn value(&self) -> fn(&'a E) -> FaultValue<'a>;
}
impl<'a, E: ?Sized> ByNothing<'a, E> for Describe<'a, E> {
    #[inline(always)]
    fn value(&self) -> fn(&'a E) -> FaultValue<'a> {
        |_| FaultValue::Opaque
    }
}

/// `shop::PayError<c::D>` is `PayError`; a type that is called no more than `Error` keeps the module that tells it from
/// others: `std::io::error::Error` is `io::error::Error`.
///
/// By bytes: it is done at every failing call, and searching for `::` as a text takes four times as long.
pub(crate) fn short_type_name<E: ?Sized>() -> &'static str {
    let full = std::any::type_name::<E>();
    let bytes = full.as_bytes();
    let end = bytes.iter().position(|byte| *byte == b'<');
    let end = end.unwrap_or(bytes.len());
    let mut start = end;
    loop {
        let from = bytes[..start].iter().rposition(|byte| *byte == b':');
        let segment = from.map_or(0, |colon| colon + 1);
        let is_error = bytes[segment..start].eq_ignore_ascii_case(b"error");
        if segment < 2 || !is_error {
            return full.get(segment..end).unwrap_or(full);
        }
        start = segment - 2;
    }
}

/// Puts the description of an error together: once for a type, not in every function that may return it.
#[cold]
#[inline(never)]
pub fn fault<'a, E>(
    error: &'a E,
    class: fn(&'a E) -> Class,
    value: fn(&'a E) -> FaultValue<'a>,
    reported: bool,
) -> Verdict<'a> {
    let (label, class) = class(error);
    Verdict::Error(Fault {
        label,
        type_name: std::any::type_name::<E>(),
        class,
        reported,
        value: value(error),
    })
}

/// The verdict of `error_if`.
#[must_use]
pub fn by_rule(error: bool) -> Verdict<'static> {
    if error {
        no_value("error_if")
    } else {
        Verdict::Ok
    }
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

#[cfg(test)]
mod tests {
    use super::short_type_name;

    #[test]
    fn names_of_types() {
        struct Other<T>(T);
        let _ = Other(0).0;
        assert_eq!(short_type_name::<std::io::Error>(), "io::error::Error");
        assert_eq!(short_type_name::<Other<std::io::Error>>(), "Other");
        assert_eq!(short_type_name::<Other<Other<u8>>>(), "Other");
        assert_eq!(short_type_name::<str>(), "str");
        assert_eq!(short_type_name::<[u8]>(), "[u8]");
        assert_eq!(
            short_type_name::<dyn std::error::Error>(),
            "dyn core::error::Error"
        );
    }
}
