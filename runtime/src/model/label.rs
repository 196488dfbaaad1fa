//! Labels: values from a closed set.

use std::fmt::Write as _;

/// A type whose values may label a metric, because the number of values is bounded.
///
/// Implemented for `bool`, enums with `#[derive(Label)]`, `&'static str` constants (capped at 2,000 values per label) and
/// [`Bounded<N>`] for text from outside (capped at `N`). Values beyond a cap are counted in the series `other`. Texts are
/// truncated to 200 bytes.
///
/// ```
/// use instrumental::Label;
///
/// #[derive(Label, Clone, Copy)]
/// enum Trade { Plumbing, Roofing }
///
/// assert_eq!(Trade::CARDINALITY, 2);
/// assert_eq!(Trade::value(Trade::Roofing.index()), "roofing");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot label a metric: it has no bound on its values",
    label = "not a bounded label",
    note = "derive `Label` on an enum, or use `bool`, a `&'static str` constant, or `Bounded<N>` for text with a hard cap",
    note = "an id or a free text belongs into a span field (`#[traced(id)]`) or into a business event"
)]
pub trait Label: Copy {
    /// The number of values.
    const CARDINALITY: usize;
    /// Whether the values are learnt at run time.
    #[doc(hidden)]
    const DYNAMIC: bool = false;
    /// The number of values that count against the budget of a metric.
    #[doc(hidden)]
    const COUNTED: usize = Self::CARDINALITY;
    /// Returns the index of the value, below [`Self::CARDINALITY`].
    fn index(self) -> usize;
    /// Returns the text of the value with this index.
    fn value(index: usize) -> &'static str;
    /// Calls `then` with the value's text, for labels whose values are learnt at run time.
    #[doc(hidden)]
    fn with_text<R>(self, then: impl FnOnce(&str) -> R) -> R {
        then(Self::value(self.index()))
    }
}

#[diagnostic::do_not_recommend]
impl Label for bool {
    const CARDINALITY: usize = 2;
    fn index(self) -> usize {
        usize::from(self)
    }
    fn value(index: usize) -> &'static str {
        if index == 0 { "false" } else { "true" }
    }
}

/// Maximum number of `&'static str` values of a label, including `other`. OpenTelemetry's default cardinality limit
/// (metrics SDK specification, "Cardinality limits").
const STATIC_STR_CAP: usize = 2_000;

#[diagnostic::do_not_recommend]
impl Label for &'static str {
    const CARDINALITY: usize = STATIC_STR_CAP;
    const DYNAMIC: bool = true;
    // A program has only a few such constants, and the metric's budget bounds them.
    const COUNTED: usize = 1;
    fn index(self) -> usize {
        0
    }
    fn value(_: usize) -> &'static str {
        OTHER
    }
    fn with_text<R>(self, then: impl FnOnce(&str) -> R) -> R {
        then(self)
    }
}

/// The label value that replaces values beyond a cap.
pub(crate) const OTHER: &str = "other";

/// Maximum length of a [`Bounded`], in bytes. With its length byte it is 56 bytes, so that it stays cheap to copy; Datadog
/// truncates tags at 200, but a label that long is a mistake.
const BOUNDED_BYTES: usize = 55;

/// Text from outside as a label: the first `N - 1` distinct values get a series each, the rest share `other`.
///
/// ```
/// use instrumental::Bounded;
/// let city = Bounded::<100>::new("Springfield");
/// assert_eq!(city.as_str(), "Springfield");
/// ```
///
/// Texts are truncated to 55 bytes, at a character boundary. `N` must be at least 2, or [`Bounded::new`] does not compile.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bounded<const N: usize> {
    bytes: [u8; BOUNDED_BYTES],
    len: u8,
}

impl<const N: usize> Bounded<N> {
    /// Copies the text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        const {
            assert!(
                N >= 2,
                "Bounded<N> needs N of 2 or more: one value and the overflow"
            )
        };
        let len = super::cut::cut(text, BOUNDED_BYTES).len();
        let mut bytes = [0; BOUNDED_BYTES];
        bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
        Self {
            bytes,
            len: len as u8,
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Truncated at a character boundary, so this never fails.
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or(OTHER)
    }
}

impl<const N: usize> From<&str> for Bounded<N> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<const N: usize> std::fmt::Debug for Bounded<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_char('"')?;
        f.write_str(self.as_str())?;
        f.write_char('"')
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> Label for Bounded<N> {
    const CARDINALITY: usize = N;
    const DYNAMIC: bool = true;
    fn index(self) -> usize {
        0
    }
    fn value(_: usize) -> &'static str {
        OTHER
    }
    fn with_text<R>(self, then: impl FnOnce(&str) -> R) -> R {
        then(self.as_str())
    }
}

/// The declaration of a label of a metric.
#[derive(Clone, Copy, Debug)]
pub struct LabelSpec {
    /// The key.
    pub name: &'static str,
    /// Number of values.
    pub cardinality: usize,
    /// Number of values that count against the metric's budget.
    pub counted: usize,
    /// Whether the values are learnt at run time.
    pub dynamic: bool,
    /// Returns the text of the value with this index, for values that are not learnt at run time.
    pub value: fn(usize) -> &'static str,
}

impl LabelSpec {
    /// Creates a label whose values are learnt at run time, without a cap of its own.
    pub(crate) const fn learnt(name: &'static str) -> Self {
        Self {
            name,
            cardinality: 0,
            counted: 1,
            dynamic: true,
            value: |_| "",
        }
    }

    /// Creates a label of type `L`.
    #[must_use]
    pub const fn of<L: Label>(name: &'static str) -> Self {
        Self {
            name,
            cardinality: L::CARDINALITY,
            counted: L::COUNTED,
            dynamic: L::DYNAMIC,
            value: L::value,
        }
    }
}

/// The label values of one measurement: a tuple of labels, in the order of the family's.
pub trait Labels {
    /// Calls `each` with every label's index, or with its text if it is learnt at run time.
    fn each(self, each: &mut dyn FnMut(usize, LabelValue<'_>));
    /// Returns the index of the combination of values, or `None` if a label is learnt at run time.
    fn fixed_index(&self) -> Option<usize>;
}

/// The value of one label.
#[derive(Clone, Copy, Debug)]
pub enum LabelValue<'a> {
    /// By index.
    Index(usize),
    /// By text.
    Text(&'a str),
}

macro_rules! tuples {
    ($(($($name:ident $n:tt),*))*) => {$(
        impl<$($name: Label),*> Labels for ($($name,)*) {
            fn each(self, each: &mut dyn FnMut(usize, LabelValue<'_>)) {
                $(if $name::DYNAMIC {
                    self.$n.with_text(|text| each($n, LabelValue::Text(text)));
                } else {
                    each($n, LabelValue::Index(self.$n.index()));
                })*
                let _ = each;
            }
            #[inline]
            fn fixed_index(&self) -> Option<usize> {
                if false $(|| $name::DYNAMIC)* {
                    return None;
                }
                let index = 0;
                $(let index = index * $name::CARDINALITY + self.$n.index();)*
                Some(index)
            }
        }
    )*};
}
tuples! {
    () (A 0) (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) (A 0, B 1, C 2, D 3, E 4) (A 0, B 1, C 2, D 3, E 4, F 5)
}

// A pair of labels is itself a label, whose values are written `a.b`.
#[diagnostic::do_not_recommend]
impl<A: Label, B: Label> Label for (A, B) {
    const CARDINALITY: usize = A::CARDINALITY.saturating_mul(B::CARDINALITY);
    const DYNAMIC: bool = true;
    const COUNTED: usize = A::COUNTED.saturating_mul(B::COUNTED);
    fn index(self) -> usize {
        0
    }
    fn value(_: usize) -> &'static str {
        OTHER
    }
    fn with_text<R>(self, then: impl FnOnce(&str) -> R) -> R {
        let mut text = String::new();
        self.0.with_text(|a| text.push_str(a));
        text.push('.');
        self.1.with_text(|b| text.push_str(b));
        then(&text)
    }
}
