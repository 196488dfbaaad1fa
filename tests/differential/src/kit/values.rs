//! Arguments whose drops are written down.

use super::note;
use std::fmt::Debug;
use std::marker::PhantomData;

/// Says when it is dropped.
#[derive(Debug)]
pub struct D(pub &'static str);

impl D {
    /// Uses it.
    #[must_use]
    pub fn tap(&self) -> u64 {
        self.0.len() as u64
    }
    /// Changes it.
    pub fn rename(&mut self, name: &'static str) {
        self.0 = name;
    }
    /// A value through a reference that lives as long as this.
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

/// Takes it.
pub fn eat(d: D) -> u64 {
    let tapped = d.tap();
    drop(d);
    tapped
}

/// A transaction: rolls back unless committed. Its fields are `Copy`.
#[derive(Debug, Default)]
pub struct Txn {
    /// Whether it holds.
    pub committed: bool,
    /// How much was done in it.
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

/// Two parts that can be taken apart.
#[derive(Debug)]
pub struct Parts {
    /// One.
    pub left: D,
    /// The other.
    pub right: D,
    /// A field that is `Copy`.
    pub n: u32,
}

impl Parts {
    /// With these names.
    #[must_use]
    pub fn new(left: &'static str, right: &'static str) -> Self {
        Self {
            left: D(left),
            right: D(right),
            n: 2,
        }
    }
}

/// `Copy`, with fields.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Across.
    pub x: u32,
    /// Up.
    pub y: u32,
}

/// Has no fields.
#[derive(Clone, Copy, Debug)]
pub struct Unit;

/// A type with one field.
#[derive(Debug)]
pub struct Wrapper<T>(pub T);

/// Borrows.
#[derive(Debug)]
pub struct Held<'a>(pub &'a str);

/// Neither `Debug` nor `Display`.
pub struct Opaque(pub u32);

/// A large value.
#[derive(Clone, Copy)]
pub struct Big(pub [u8; Big::SIZE]);

impl Big {
    /// In bytes.
    pub const SIZE: usize = 64 << 10;
    /// A large value.
    #[must_use]
    #[inline(never)]
    pub fn new() -> Self {
        Self([std::hint::black_box(3); Self::SIZE])
    }
    /// Uses it.
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

/// Infers its type from what is made of it.
#[must_use]
pub fn any<T: Default>() -> T {
    T::default()
}

/// Names a type parameter that no other argument names.
pub type Kind<T> = PhantomData<T>;

/// Panics where it is displayed, if the input says so.
#[derive(Debug)]
pub struct Tripping;

impl std::fmt::Display for Tripping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", super::trip())
    }
}

/// What methods that a trait provides know of their type.
pub trait Numbered {
    /// Its number.
    fn number(&self) -> u64;
    /// One more.
    fn bump(&mut self);
}
