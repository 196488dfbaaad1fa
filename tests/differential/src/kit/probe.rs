//! Which auto traits a value has. An inherent method with a bound that does not hold gives way to a trait's.

use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// Stands for a type.
#[derive(Debug)]
pub struct Of<T>(PhantomData<fn() -> T>);

/// The type of a value.
pub fn of<T>(_: &T) -> Of<T> {
    Of(PhantomData)
}

macro_rules! auto {
    ($($trait:ident $not:ident $method:ident)*) => {$(
        impl<T: $trait> Of<T> {
            /// It has the trait.
            #[must_use]
            pub fn $method(&self) -> &'static str {
                concat!(stringify!($trait), " ")
            }
        }
        /// For what lacks the trait.
        pub trait $not {
            /// It lacks it.
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

/// Writes down size and auto traits of what a reference points to.
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
