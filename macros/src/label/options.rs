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

#[cfg(test)]
mod tests {
    use super::LabelOptions;
    use crate::grammar::Attribute;

    #[test]
    fn every_option_is_documented() {
        use crate::grammar::options::undocumented;
        assert_eq!(
            undocumented::<LabelOptions>(Attribute::Label, include_str!("../docs/label.md")),
            [""; 0]
        );
        assert_eq!(
            undocumented::<LabelOptions>(Attribute::LabelEnum, include_str!("../docs/label.md")),
            [""; 0]
        );
    }
}
