//! Detects the auto traits of a value. If the bound of an inherent method is not met, the compiler selects the trait's method.

use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// Represents a type.
#[derive(Debug)]
pub struct Of<T>(PhantomData<fn() -> T>);

/// The type of a value.
pub fn of<T>(_: &T) -> Of<T> {
    Of(PhantomData)
}

macro_rules! auto {
    ($($trait:ident $not:ident $method:ident)*) => {$(
        impl<T: $trait> Of<T> {
            /// The name of the trait.
            #[must_use]
            pub fn $method(&self) -> &'static str {
                concat!(stringify!($trait), " ")
            }
        }
        /// The fallback for types without the trait.
        pub trait $not {
            /// An empty text.
            fn $method(&self) -> &'static str {
                ""
            }
        }
        impl<T> $not for Of<T> {}
    )*};
}

auto! {
    Send NotSend sendable
    Sync NotSync shareable
    Unpin NotUnpin movable
    UnwindSafe NotUnwindSafe unwindable
    RefUnwindSafe NotRefUnwindSafe ref_unwindable
}

/// Notes the size and the auto traits of the referenced value.
#[macro_export]
macro_rules! measure {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::kit::{NotRefUnwindSafe, NotSend, NotSync, NotUnpin, NotUnwindSafe};
        let of = $crate::kit::of($value);
        $crate::kit::seen(
            ::std::mem::size_of_val($value),
            [
                of.sendable(),
                of.shareable(),
                of.movable(),
                of.unwindable(),
                of.ref_unwindable(),
            ]
            .concat(),
        );
    }};
}
