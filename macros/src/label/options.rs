//! The options of `#[label(..)]`.

use crate::grammar::kinds::{Path, Text};
use crate::grammar::options::options;

options! {
    /// The options of `#[label(..)]`.
    pub(crate) struct LabelOptions {
        /// The value of the variant.
        value: Text, Text, on [Label], own;
        /// The value of the variant.
        rename: Text, Value("\"..\""), on [Label], own;
        /// Where `instrumental` is.
        krate as "crate": Path, Value("path"), on [LabelEnum], own;
    }
}
