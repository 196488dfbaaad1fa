//! The levels of method resolution that classify and describe an error.
//!
//! An expansion imports the traits of one module: `full` has all levels. `narrow` has those that are usually derived, for
//! types that may borrow: method resolution ignores lifetimes, and would choose an implementation that exists only for
//! `'static` and then fails to compile. The other modules are for `describe = ..`.

use crate::model::fault::{Class, Classified, Dynamic, ErrorClass, FaultValue, VariantLabel};
use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::Deref;

/// An error to be described.
pub struct Describe<'a, E: ?Sized>(pub &'a E);

type Classes<'a, E> = fn(&'a E) -> Option<Class>;
type Values<'a, E> = fn(&'a E) -> FaultValue<'a>;

macro_rules! levels {
    ($($(#[$doc:meta])* $trait:ident $method:ident $out:ident
        $([$($refs:tt)*] [$($generic:tt)*] $ty:ty $(where $of:ty: $bound:path)?, |$e:pat_param| $body:expr;)*)*) => {$(
        $(#[$doc])*
        pub trait $trait<'a, E: ?Sized> {
            /// Returns the function that describes such an error.
            fn $method(&self) -> $out<'a, E>;
        }
        $(impl<'a, $($generic)*> $trait<'a, $ty> for $($refs)* Describe<'a, $ty> $(where $of: $bound)? {
            #[inline(always)]
            fn $method(&self) -> $out<'a, $ty> {
                |$e| $body
            }
        })*
    )*};
}

// Implementations with more references are found first. All levels of a question belong to one trait, so that the compiler
// has only one trait to look up at each step.
levels! {
    /// The error's class.
    ToClass class Classes
        // The last element of the tuple is classified.
        [&&&&] [T: Classified, A] (A, T), |(.., e)| Some((e.label(), e.class()));
        [&&&&] [T: Classified, A, B] (A, B, T), |(.., e)| Some((e.label(), e.class()));
        [&&&&] [T: Classified, A, B, C] (A, B, C, T), |(.., e)| Some((e.label(), e.class()));
        // The first element is classified, and the last names its variants.
        [&&&] [A: Classified, T: VariantLabel] (A, T), |(a, e)| Some((e.label(), a.class()));
        [&&&] [A: Classified, B, T: VariantLabel] (A, B, T), |(a, _, e)| Some((e.label(), a.class()));
        // The type is classified.
        [&&] [E: Classified] E, |e| Some((e.label(), e.class()));
        // The type names its variants.
        [&] [E: VariantLabel] E, |e| Some((e.label(), ErrorClass::UNCLASSIFIED));
        // The last element names its variants.
        [&] [T: VariantLabel, A] (A, T), |(.., e)| Some((e.label(), ErrorClass::UNCLASSIFIED));
        [&] [T: VariantLabel, A, B] (A, B, T), |(.., e)| Some((e.label(), ErrorClass::UNCLASSIFIED));
        // The type is not classified.
        [] [E: ?Sized] E, |_| None;

    /// The error's value.
    ToValue shown Values
        // A pointer to a trait object: `Box<dyn Error>`, `anyhow::Error`.
        [&&&&&&&&&] [E: Deref] E where E::Target: Dynamic, |e| FaultValue::Dynamic((**e).error());
        // The last element is such a pointer.
        [&&&&&&&&] [T: Deref, A] (A, T) where T::Target: Dynamic, |(.., e)| FaultValue::Dynamic((**e).error());
        [&&&&&&&&] [T: Deref, A, B] (A, B, T) where T::Target: Dynamic, |(.., e)| FaultValue::Dynamic((**e).error());
        // An `Error`.
        [&&&&&&&] [E: Error] E, |e| FaultValue::Error(e);
        // The last element is an `Error`.
        [&&&&&&] [T: Error, A] (A, T), |(.., e)| FaultValue::Error(e);
        [&&&&&&] [T: Error, A, B] (A, B, T), |(.., e)| FaultValue::Error(e);
        [&&&&&&] [T: Error, A, B, C] (A, B, C, T), |(.., e)| FaultValue::Error(e);
        // A pointer to an `Error`: `Rc<E>`, or `Box<dyn E>` where `Error` is a supertrait of `E`.
        [&&&&&] [E: Deref] E where E::Target: Error, |e| FaultValue::Within(e);
        // A pointer to a pointer to a trait object: `Arc<anyhow::Error>`.
        [&&&&] [E: Deref<Target: Deref>] E where <E::Target as Deref>::Target: Dynamic,
        |e| FaultValue::Dynamic((***e).error());
        // A type with `Display`.
        [&&&] [E: Display] E, |e| FaultValue::Display(e);
        // The last element has `Display`.
        [&&] [T: Display, A] (A, T), |(.., e)| FaultValue::Display(e);
        [&&] [T: Display, A, B] (A, B, T), |(.., e)| FaultValue::Display(e);
        [&&] [T: Display, A, B, C] (A, B, C, T), |(.., e)| FaultValue::Display(e);
        // A type with `Debug`.
        [&] [E: Debug] E, |e| FaultValue::Debug(e);
        // Only the type is known.
        [] [E: ?Sized] E, |_| FaultValue::Opaque;

    /// The error's value, by traits that are usually derived.
    ToNarrowValue shown Values
        [&] [E: Debug] E, |e| FaultValue::Debug(e);
        [] [E: ?Sized] E, |_| FaultValue::Opaque;
}

/// The levels that are usually derived, so that implementations do not require `'static`.
pub mod narrow {
    pub use super::{ToClass as _, ToNarrowValue as _};
}

/// The bound of `describe = error`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `Error`: write `describe = display`, `debug` or `nothing`",
    label = "returns it"
)]
pub trait AnError: Error {}
impl<E: Error> AnError for E {}

/// The bound of `describe = display`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be displayed: write `describe = debug` or `nothing`",
    label = "returns it"
)]
pub trait Displayed: Display {}
impl<E: Display> Displayed for E {}

/// The bound of `describe = debug`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be debugged: write `describe = display` or `nothing`",
    label = "returns it"
)]
pub trait Debugged: Debug {}
impl<E: Debug> Debugged for E {}

macro_rules! by_hand {
    ($($(#[$doc:meta])* $module:ident [$($bound:path)?], |$e:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        pub mod $module {
            use super::{Describe, Values};
            use crate::model::fault::FaultValue;
            pub use super::ToClass as _;
            /// Describes an error as requested by `describe = ..`.
            pub trait ByHand<'a, E> {
                /// Returns the function that describes such an error.
                fn shown(&self) -> Values<'a, E> $(where E: $bound)?;
            }
            impl<'a, E> ByHand<'a, E> for Describe<'a, E> {
                #[inline(always)]
                fn shown(&self) -> Values<'a, E> $(where E: $bound)? {
                    |$e| $body
                }
            }
        }
    )*};
}

by_hand! {
    /// `describe = error`: with text and sources.
    error [crate::__private::verdict::levels::AnError], |e| FaultValue::Error(e);
    /// `describe = display`.
    display [crate::__private::verdict::levels::Displayed], |e| FaultValue::Display(e);
    /// `describe = debug`.
    debug [crate::__private::verdict::levels::Debugged], |e| FaultValue::Debug(e);
    /// `describe = nothing`: by the type alone.
    nothing [], |_e| FaultValue::Opaque;
}
