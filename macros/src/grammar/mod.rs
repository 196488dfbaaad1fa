//! What all attributes share: argument lists, tables of options, collected errors and their messages, names, units.

pub(crate) mod args;
pub(crate) mod attribute;
pub(crate) mod attrs;
pub(crate) mod errors;
pub(crate) mod format;
pub(crate) mod help;
pub(crate) mod kinds;
pub(crate) mod krate;
pub(crate) mod limits;
pub(crate) mod messages;
pub(crate) mod names;
pub(crate) mod nearest;
pub(crate) mod options;
#[cfg(test)]
pub(crate) mod permutations;
#[cfg(test)]
mod tests;
pub(crate) mod unit;

pub(crate) use attribute::Attribute;
pub(crate) use errors::Errors;
pub(crate) use krate::Krate;
pub(crate) use nearest::nearest;
