//! Error types with different traits.

use super::{D, input};
use instrumental::{Label, Outcome};
use std::any::Any;
use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

/// Creates an error.
pub trait Make: Sized {
    /// Creates an error.
    fn make() -> Self;
}

/// Fails at input 1.
///
/// # Errors
/// The input is 1.
pub fn attempt<E: Make>() -> Result<u64, E> {
    if input() == 1 { Err(E::make()) } else { Ok(2) }
}

/// `None` at input 1.
#[must_use]
pub fn perhaps() -> Option<u64> {
    (input() != 1).then_some(2)
}

macro_rules! make {
    ($([$($generic:tt)*] $ty:ty: $value:expr;)*) => {$(
        impl<$($generic)*> Make for $ty {
            fn make() -> Self { $value }
        }
    )*};
}

/// Implements no trait.
pub struct Bare;
/// Implements `Debug` only.
#[derive(Debug)]
pub struct Debugged(pub u8);
/// Implements `Display` only.
pub struct Displayed;
/// An error with a cause.
#[derive(Debug)]
pub struct Caused(pub fmt::Error);
/// A classified error, expected in one variant.
#[derive(Debug, Outcome)]
pub enum Classed {
    /// An expected error.
    #[outcome(expected)]
    Missing,
    /// A temporary error.
    #[outcome(retry)]
    Busy(u8),
}
/// An error with labels.
#[derive(Debug, Label)]
pub enum Labelled {
    /// The only variant.
    Only(u8),
}
/// Like `anyhow::Error`: not an `Error`, but dereferences to one.
pub struct Anyhow(Box<dyn Error + Send + Sync>);
/// An `Error` only for `'static` types.
pub struct Full<T>(pub PhantomData<T>);
/// Implements `Display` for `'static` only.
pub struct Word<'a>(pub &'a str);
/// Holds a value whose drop is noted.
#[derive(Debug)]
pub struct Heavy(pub D);

impl Display for Displayed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("displayed")
    }
}
impl Display for Caused {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("caused")
    }
}
impl Error for Caused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
impl Display for Classed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }
}
impl Error for Classed {}
impl<E: Error + Send + Sync + 'static> From<E> for Anyhow {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}
impl Deref for Anyhow {
    type Target = dyn Error + Send + Sync;
    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}
impl Debug for Anyhow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.0, f)
    }
}
impl Display for Anyhow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}
impl<T> Debug for Full<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Full")
    }
}
impl<T> Display for Full<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("full")
    }
}
impl<T: Any> Error for Full<T> {}
impl Display for Word<'static> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
impl Display for Heavy {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.0)
    }
}
impl Error for Heavy {}

make! {
    [] Bare: Self;
    [] Debugged: Self(1);
    [] Displayed: Self;
    [] Caused: Self(fmt::Error);
    [] Classed: if std::hint::black_box(true) { Self::Missing } else { Self::Busy(1) };
    [] Labelled: Self::Only(1);
    [] Anyhow: Self::from(Caused(fmt::Error));
    [T] Full<T>: Self(PhantomData);
    [] Word<'_>: Self("word");
    [] Heavy: Self(D("heavy"));
    [] Box<dyn Error>: Self::from("boxed");
    [] Box<dyn Error + Send + Sync>: Self::from(Caused(fmt::Error));
    [] Arc<Caused>: Self::new(Caused(fmt::Error));
    [] (): ();
    [] (u32, String): (404, Self::make_text());
    [] String: Self::from("text");
    [] &'static str: "text";
    [] fmt::Error: Self;
    [] std::io::Error: Self::other("disk");
}

trait MakeText {
    fn make_text() -> String {
        String::from("no such page")
    }
}
impl MakeText for (u32, String) {}

/// A type with an associated error type.
pub trait Fails {
    /// The error.
    type Error;
}

impl Fails for () {
    type Error = Caused;
}

/// An alias of `Result`.
pub type Res<T, E> = Result<T, E>;
