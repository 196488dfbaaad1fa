//! Arguments whose drops are noted.

use super::note;
use std::fmt::Debug;
use std::marker::PhantomData;

/// Notes its drop.
#[derive(Debug)]
pub struct D(pub &'static str);

impl D {
    /// Uses the value.
    #[must_use]
    pub fn tap(&self) -> u64 {
        self.0.len() as u64
    }
    /// Changes the value.
    pub fn rename(&mut self, name: &'static str) {
        self.0 = name;
    }
    /// Returns `value`; the reference to `self` lives until then.
    #[must_use]
    pub fn with<T>(&self, value: T) -> T {
        note(format!("with {}", self.0));
        value
    }
}

impl Drop for D {
    fn drop(&mut self) {
        note(format!("drop {}", self.0));
    }
}

/// Consumes the value.
pub fn consume(d: D) -> u64 {
    let tapped = d.tap();
    drop(d);
    tapped
}

/// A transaction that rolls back unless committed. Its fields are `Copy`.
#[derive(Debug, Default)]
pub struct Txn {
    /// Whether it was committed.
    pub committed: bool,
    /// The number of changes.
    pub n: u32,
}

impl Drop for Txn {
    fn drop(&mut self) {
        let what = if self.committed {
            "commit"
        } else {
            "roll back"
        };
        note(format!("{what} {}", self.n));
    }
}

/// A struct whose fields can be moved separately.
#[derive(Debug)]
pub struct Parts {
    /// The first part.
    pub left: D,
    /// The second part.
    pub right: D,
    /// A `Copy` field.
    pub n: u32,
}

impl Parts {
    /// Creates both parts with the given names.
    #[must_use]
    pub fn new(left: &'static str, right: &'static str) -> Self {
        Self {
            left: D(left),
            right: D(right),
            n: 2,
        }
    }
}

/// A `Copy` type with fields.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// The horizontal coordinate.
    pub x: u32,
    /// The vertical coordinate.
    pub y: u32,
}

/// A type without fields.
#[derive(Clone, Copy, Debug)]
pub struct Unit;

/// A type with one field.
#[derive(Debug)]
pub struct Wrapper<T>(pub T);

/// A type that borrows.
#[derive(Debug)]
pub struct Held<'a>(pub &'a str);

/// Implements neither `Debug` nor `Display`.
pub struct Opaque(pub u32);

/// A large value.
#[derive(Clone, Copy)]
pub struct Big(pub [u8; Big::SIZE]);

impl Big {
    /// The size in bytes.
    pub const SIZE: usize = 64 << 10;
    /// Creates a large value.
    #[must_use]
    #[inline(never)]
    pub fn new() -> Self {
        Self([std::hint::black_box(3); Self::SIZE])
    }
    /// Uses the value.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.0.iter().take(2).map(|byte| u64::from(*byte)).sum()
    }
}

impl Default for Big {
    fn default() -> Self {
        Self::new()
    }
}

impl Debug for Big {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Big")
    }
}

/// A default value whose type is inferred.
#[must_use]
pub fn any<T: Default>() -> T {
    T::default()
}

/// Determines a type parameter that no other argument determines.
pub type Kind<T> = PhantomData<T>;

/// Panics in `Display` at input `TRIP`.
#[derive(Debug)]
pub struct Tripping;

impl std::fmt::Display for Tripping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", super::trip())
    }
}

/// What provided trait methods can use of their type.
pub trait Numbered {
    /// Returns the number.
    fn number(&self) -> u64;
    /// Increments the number.
    fn bump(&mut self);
}
