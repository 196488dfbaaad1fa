//! Recorded fields: names, and values as bytes.

use std::fmt::{self, Debug};
use tracing::field::FieldSet;

/// A recorded value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue<'a> {
    /// An unsigned number.
    U64(u64),
    /// A signed number.
    I64(i64),
    /// A floating-point number.
    F64(f64),
    /// A truth value.
    Bool(bool),
    /// A text.
    Str(&'a str),
}

impl fmt::Display for FieldValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::U64(n) => fmt::Display::fmt(n, f),
            Self::I64(n) => fmt::Display::fmt(n, f),
            Self::F64(n) => fmt::Display::fmt(&rounded(*n), f),
            Self::Bool(b) => fmt::Display::fmt(b, f),
            Self::Str(s) => f.write_str(s),
        }
    }
}

/// To 15 significant digits, which every `f64` has exactly: 0.1 + 0.2 is 0.3 for whoever reads it.
fn rounded(n: f64) -> f64 {
    format!("{n:.14e}").parse().unwrap_or(n)
}

/// Recorded fields: names of a declaration, values as bytes.
#[derive(Clone)]
pub struct Fields {
    names: &'static FieldSet,
    bytes: Vec<u8>,
}

/// Tags of encoded values.
pub(crate) mod tag {
    pub(crate) const U64: u8 = 0;
    pub(crate) const I64: u8 = 1;
    pub(crate) const F64: u8 = 2;
    pub(crate) const BOOL: u8 = 3;
    pub(crate) const STR: u8 = 4;
}

impl Fields {
    pub(crate) fn new(names: &'static FieldSet, bytes: Vec<u8>) -> Self {
        Self { names, bytes }
    }

    /// Adds values recorded later; a later value of a field counts.
    pub(crate) fn extend(&mut self, later: &Self) {
        self.bytes.extend_from_slice(&later.bytes);
    }

    /// Names and values, in the order recorded.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, FieldValue<'_>)> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let (index, value, after) = decode(rest)?;
            rest = after;
            let name = self.names.iter().nth(index)?;
            Some((name.name(), value))
        })
    }

    /// The last value of each field, in the order first recorded.
    pub(crate) fn latest(&self) -> Vec<(&'static str, FieldValue<'_>)> {
        let mut latest: Vec<(&str, FieldValue<'_>)> = Vec::new();
        for (name, value) in self.iter() {
            match latest.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => latest.push((name, value)),
            }
        }
        latest
    }

    /// The last value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<FieldValue<'_>> {
        self.iter()
            .filter(|(n, _)| *n == name)
            .last()
            .map(|(_, v)| v)
    }

    /// Bytes it takes.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

fn decode(bytes: &[u8]) -> Option<(usize, FieldValue<'_>, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<2>()?;
    let index = usize::from(head[0]);
    if head[1] == tag::STR {
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        return Some((
            index,
            FieldValue::Str(std::str::from_utf8(text).ok()?),
            rest,
        ));
    }
    let (raw, rest) = rest.split_first_chunk::<8>()?;
    let value = match head[1] {
        tag::U64 => FieldValue::U64(u64::from_le_bytes(*raw)),
        tag::I64 => FieldValue::I64(i64::from_le_bytes(*raw)),
        tag::F64 => FieldValue::F64(f64::from_le_bytes(*raw)),
        _ => FieldValue::Bool(raw[0] != 0),
    };
    Some((index, value, rest))
}
