//! What is asked of an error's type: `full` is everything; `narrow` what holds for types whose implementations ask for
//! `'static`, since method resolution does not look at lifetimes; the others are by hand.

use crate::model::fault::{Class, Classified, Dynamic, ErrorClass, FaultValue, VariantLabel};
use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::Deref;

/// An error, to be described.
pub struct Describe<'a, E: ?Sized>(pub &'a E);

type Classes<'a, E> = fn(&'a E) -> Option<Class>;
type Values<'a, E> = fn(&'a E) -> FaultValue<'a>;

macro_rules! levels {
    ($($(#[$doc:meta])* $trait:ident $method:ident $out:ident
        $([$($refs:tt)*] [$($generic:tt)*] $ty:ty $(where $of:ty: $bound:path)?, |$e:pat_param| $body:expr;)*)*) => {$(
        $(#[$doc])*
        pub trait $trait<'a, E: ?Sized> {
            /// How such an error is described.
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

// The more references, the sooner it is found. As one trait has all levels of a question, the compiler asks for one at each.
levels! {
    /// The error's class.
    ToClass class Classes
        // The last part of a tuple says how it is treated.
        [&&&&] [T: Classified, A] (A, T), |(.., e)| Some((e.label(), e.class()));
        [&&&&] [T: Classified, A, B] (A, B, T), |(.., e)| Some((e.label(), e.class()));
        [&&&&] [T: Classified, A, B, C] (A, B, C, T), |(.., e)| Some((e.label(), e.class()));
        // The first part says how it is treated, and the last what it is.
        [&&&] [A: Classified, T: VariantLabel] (A, T), |(a, e)| Some((e.label(), a.class()));
        [&&&] [A: Classified, B, T: VariantLabel] (A, B, T), |(a, _, e)| Some((e.label(), a.class()));
        // The type says how it is treated.
        [&&] [E: Classified] E, |e| Some((e.label(), e.class()));
        // The type names its variants.
        [&] [E: VariantLabel] E, |e| Some((e.label(), ErrorClass::UNCLASSIFIED));
        // The last part names its variants.
        [&] [T: VariantLabel, A] (A, T), |(.., e)| Some((e.label(), ErrorClass::UNCLASSIFIED));
        [&] [T: VariantLabel, A, B] (A, B, T), |(.., e)| Some((e.label(), ErrorClass::UNCLASSIFIED));
        // The type says nothing.
        [] [E: ?Sized] E, |_| None;

    /// The error's value.
    ToValue shown Values
        // It leads to an error of a type that only the running program knows: `Box<dyn Error>`, `anyhow::Error`.
        [&&&&&&&&&] [E: Deref] E where E::Target: Dynamic, |e| FaultValue::Dynamic((**e).error());
        // The last part of its tuple does.
        [&&&&&&&&] [T: Deref, A] (A, T) where T::Target: Dynamic, |(.., e)| FaultValue::Dynamic((**e).error());
        [&&&&&&&&] [T: Deref, A, B] (A, B, T) where T::Target: Dynamic, |(.., e)| FaultValue::Dynamic((**e).error());
        // It is an `Error`.
        [&&&&&&&] [E: Error] E, |e| FaultValue::Error(e);
        // The last part of its tuple is one.
        [&&&&&&] [T: Error, A] (A, T), |(.., e)| FaultValue::Error(e);
        [&&&&&&] [T: Error, A, B] (A, B, T), |(.., e)| FaultValue::Error(e);
        [&&&&&&] [T: Error, A, B, C] (A, B, C, T), |(.., e)| FaultValue::Error(e);
        // It leads to an `Error`: `Rc<E>`, `Box<dyn E>` where the trait `E` has `Error` above it.
        [&&&&&] [E: Deref] E where E::Target: Error, |e| FaultValue::Within(e);
        // It leads to what leads to an error of a type that only the running program knows: `Arc<anyhow::Error>`.
        [&&&&] [E: Deref<Target: Deref>] E where <E::Target as Deref>::Target: Dynamic,
        |e| FaultValue::Dynamic((***e).error());
        // It can be displayed.
        [&&&] [E: Display] E, |e| FaultValue::Display(e);
        // The last part of its tuple can.
        [&&] [T: Display, A] (A, T), |(.., e)| FaultValue::Display(e);
        [&&] [T: Display, A, B] (A, B, T), |(.., e)| FaultValue::Display(e);
        [&&] [T: Display, A, B, C] (A, B, C, T), |(.., e)| FaultValue::Display(e);
        // It can be debugged.
        [&] [E: Debug] E, |e| FaultValue::Debug(e);
        // Nothing can be said of its value.
        [] [E: ?Sized] E, |_| FaultValue::Opaque;

    /// The error's value, by what is derived.
    ToNarrowValue shown Values
        [&] [E: Debug] E, |e| FaultValue::Debug(e);
        [] [E: ?Sized] E, |_| FaultValue::Opaque;
}

/// What is derived, and so asks for no `'static`.
pub mod narrow {
    pub use super::{ToClass as _, ToNarrowValue as _};
}

/// Asked for by `describe = error`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `Error`: write `describe = display`, `debug` or `nothing`",
    label = "returns it"
)]
pub trait AnError: Error {}
impl<E: Error> AnError for E {}

/// Asked for by `describe = display`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be displayed: write `describe = debug` or `nothing`",
    label = "returns it"
)]
pub trait Displayed: Display {}
impl<E: Display> Displayed for E {}

/// Asked for by `describe = debug`.
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
            /// As its function says.
            pub trait ByHand<'a, E> {
                /// How such an error is described.
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
    /// As an `Error`.
    error [crate::__private::verdict::levels::AnError], |e| FaultValue::Error(e);
    /// As it is displayed.
    display [crate::__private::verdict::levels::Displayed], |e| FaultValue::Display(e);
    /// As it is debugged.
    debug [crate::__private::verdict::levels::Debugged], |e| FaultValue::Debug(e);
    /// By its type alone.
    nothing [], |_e| FaultValue::Opaque;
}
