//! Recorded fields: names, and values encoded as bytes.

use std::fmt::{self, Debug};
use tracing::field::FieldSet;

/// The value of a recorded field.
///
/// ```
/// use instrumental::FieldValue;
/// assert_eq!(FieldValue::from(42_u32), FieldValue::U64(42));
/// assert_eq!(FieldValue::F64(0.1 + 0.2).to_string(), "0.3");
/// ```
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

/// Rounds to 15 significant digits, the precision that every `f64` has, so that 0.1 + 0.2 is displayed as 0.3.
fn rounded(n: f64) -> f64 {
    format!("{n:.14e}").parse().unwrap_or(n)
}

macro_rules! from {
    ($($ty:ty => $variant:ident($value:ident) $as:expr;)*) => {$(
        impl From<$ty> for FieldValue<'_> {
            fn from($value: $ty) -> Self {
                Self::$variant($as)
            }
        }
    )*};
}

from! {
    u64 => U64(n) n;
    u32 => U64(n) n.into();
    i64 => I64(n) n;
    i32 => I64(n) n.into();
    f64 => F64(n) n;
    bool => Bool(b) b;
}

impl<'a> From<&'a str> for FieldValue<'a> {
    fn from(text: &'a str) -> Self {
        Self::Str(text)
    }
}

/// The recorded fields of a span, event or log line. A processor reads and changes them.
// Values are bytes, so that a record is one allocation however many fields it has.
#[derive(Clone)]
pub struct Fields {
    names: &'static FieldSet,
    /// Names added by a processor.
    added: Vec<&'static str>,
    bytes: Vec<u8>,
}

/// Index of the first added name. A declaration has at most 32 names.
const ADDED: usize = 128;
/// Maximum number of added names.
const MAX_ADDED: usize = 64;

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
        Self {
            names,
            added: Vec::new(),
            bytes,
        }
    }

    /// Appends values recorded later, which replace earlier values of the same fields.
    pub(crate) fn extend(&mut self, later: &Self) {
        self.bytes.extend_from_slice(&later.bytes);
    }

    /// Returns names and values, in the order in which they were recorded. A field that was recorded twice appears twice.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, FieldValue<'_>)> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let (index, value, after) = decode(rest)?;
            rest = after;
            Some((self.name(index)?, value))
        })
    }

    fn name(&self, index: usize) -> Option<&'static str> {
        match index.checked_sub(ADDED) {
            Some(added) => self.added.get(added).copied(),
            None => self.names.iter().nth(index).map(|field| field.name()),
        }
    }

    /// Sets the value of a field, replacing recorded ones. Returns `false` if there are too many new names.
    pub(crate) fn set(&mut self, name: &'static str, value: FieldValue<'_>) -> bool {
        self.remove(name);
        let declared = self.names.iter().position(|field| field.name() == name);
        let index = declared.filter(|index| *index < ADDED).or_else(|| {
            let known = self.added.iter().position(|added| *added == name);
            let added = known.unwrap_or(self.added.len());
            if known.is_none() && added < MAX_ADDED {
                self.added.push(name);
            }
            (added < MAX_ADDED).then_some(ADDED + added)
        });
        if let Some(index) = index {
            append(&mut self.bytes, index as u8, value);
        }
        index.is_some()
    }

    /// Removes every value of a field.
    pub(crate) fn remove(&mut self, name: &str) {
        self.rewrite(|known, value, out| {
            if known != name {
                out(value);
            }
        });
    }

    /// Replaces each value with the result of `replace` for its text; values for which it returns `None` are unchanged.
    pub(crate) fn redact(&mut self, replace: &mut dyn FnMut(&str) -> Option<String>) {
        self.rewrite(|_, value, out| {
            let replaced = match value {
                FieldValue::Str(text) => replace(text),
                FieldValue::Bool(_) => None,
                number => replace(&number.to_string()),
            };
            out(replaced.as_deref().map_or(value, FieldValue::Str));
        });
    }

    /// Re-encodes all values: `each` passes those to keep to the function it is given.
    fn rewrite(
        &mut self,
        mut each: impl FnMut(&'static str, FieldValue<'_>, &mut dyn FnMut(FieldValue<'_>)),
    ) {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut rest = &self.bytes[..];
        while let Some((index, value, after)) = decode(rest) {
            rest = after;
            if let Some(name) = self.name(index) {
                each(name, value, &mut |value| {
                    append(&mut bytes, index as u8, value);
                });
            }
        }
        self.bytes = bytes;
    }

    /// Returns the last value of each field, in the order in which the fields were first recorded.
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

    /// Returns the last value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<FieldValue<'_>> {
        self.iter()
            .filter(|(n, _)| *n == name)
            .last()
            .map(|(_, v)| v)
    }

    /// Returns the number of encoded bytes.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Returns whether no value was recorded.
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

fn append(bytes: &mut Vec<u8>, index: u8, value: FieldValue<'_>) {
    let (tag, raw) = match value {
        FieldValue::U64(n) => (tag::U64, n.to_le_bytes()),
        FieldValue::I64(n) => (tag::I64, n.to_le_bytes()),
        FieldValue::F64(n) => (tag::F64, n.to_le_bytes()),
        FieldValue::Bool(b) => (tag::BOOL, u64::from(b).to_le_bytes()),
        FieldValue::Str(text) => {
            bytes.extend_from_slice(&[index, tag::STR]);
            bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
            return bytes.extend_from_slice(text.as_bytes());
        }
    };
    bytes.extend_from_slice(&[index, tag]);
    bytes.extend_from_slice(&raw);
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
