//! Annotate a function once.
