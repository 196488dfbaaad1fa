//! What all attributes share: mistakes, suggestions, names, `key = value` lists.

pub(crate) mod docs;
mod errors;
pub(crate) mod item_messages;
mod krate;
pub(crate) mod names;
mod nearest;
#[cfg(test)]
pub(crate) mod orders;
pub(crate) mod slots;
pub(crate) mod unit;

pub(crate) use errors::Errors;
pub(crate) use krate::Krate;
pub(crate) use nearest::nearest;
