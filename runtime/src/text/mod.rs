//! Writing for people: values that cannot forge a line or a colour, and trees.

pub(crate) mod escape;
pub(crate) mod tree;
