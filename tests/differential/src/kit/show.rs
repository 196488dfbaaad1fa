//! Formats returned values, whether or not they implement `Debug`.

use super::{
    Anyhow, Bare, Big, Caused, Classed, D, Debugged, Displayed, Full, Heavy, Labelled, Opaque,
    Parts, Point, Txn, Word,
};
use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::Poll;

/// A value that can be formatted.
pub trait Show {
    /// The text of the value.
    fn show(&self) -> String;
}

macro_rules! by_debug {
    ($($ty:ty),*) => {$(
        impl Show for $ty {
            fn show(&self) -> String { format!("{self:?}") }
        }
    )*};
}

by_debug!(
    (),
    bool,
    u8,
    u32,
    u64,
    usize,
    str,
    String,
    std::fmt::Error,
    std::io::Error,
    D,
    Txn,
    Parts,
    Point,
    Big,
    Debugged,
    Caused,
    Classed,
    Labelled,
    Anyhow,
    Heavy,
    dyn Error,
    dyn Error + Send + Sync,
    std::convert::Infallible
);

macro_rules! by_name {
    ($([$($generic:tt)*] $ty:ty),*) => {$(
        impl<$($generic)*> Show for $ty {
            fn show(&self) -> String { String::from(stringify!($ty)) }
        }
    )*};
}

by_name!([] Bare, [] Displayed, [T] Full<T>, [] Word<'_>, [] Opaque);

impl<T: Show + ?Sized> Show for &T {
    fn show(&self) -> String {
        (**self).show()
    }
}
impl<T: Show + ?Sized> Show for &mut T {
    fn show(&self) -> String {
        (**self).show()
    }
}
impl<T: Show + ?Sized> Show for Box<T> {
    fn show(&self) -> String {
        (**self).show()
    }
}
impl<T: Show + ?Sized> Show for Arc<T> {
    fn show(&self) -> String {
        (**self).show()
    }
}
impl<T: Show> Show for Option<T> {
    fn show(&self) -> String {
        self.as_ref().map_or_else(
            || String::from("None"),
            |value| format!("Some({})", value.show()),
        )
    }
}
impl<T: Show> Show for Poll<T> {
    fn show(&self) -> String {
        match self {
            Self::Ready(value) => format!("Ready({})", value.show()),
            Self::Pending => String::from("Pending"),
        }
    }
}
impl<T: Show, E: Show> Show for Result<T, E> {
    fn show(&self) -> String {
        match self {
            Ok(value) => format!("Ok({})", value.show()),
            Err(error) => format!("Err({})", error.show()),
        }
    }
}
impl<B: Show, C: Show> Show for ControlFlow<B, C> {
    fn show(&self) -> String {
        match self {
            Self::Break(value) => format!("Break({})", value.show()),
            Self::Continue(value) => format!("Continue({})", value.show()),
        }
    }
}
impl<T: Show> Show for Vec<T> {
    fn show(&self) -> String {
        self.iter().map(Show::show).collect::<Vec<_>>().join(",")
    }
}
impl<A: Show, B: Show> Show for (A, B) {
    fn show(&self) -> String {
        format!("({}, {})", self.0.show(), self.1.show())
    }
}
