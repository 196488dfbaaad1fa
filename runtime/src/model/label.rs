//! Labels: values of a closed set.

use std::fmt::Write as _;

/// A value that may label a metric: there are finitely many of it.
///
/// Implemented for `bool`, enums with `#[derive(Label)]`, `&'static str` constants (capped at 2,000 values a label) and
/// [`Bounded<N>`] for text from outside (capped at `N`). Past a cap, values go to the series `other` and are counted. A text
/// over 200 bytes is cut.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot label a metric: it has no bound on its values",
    label = "not a bounded label",
    note = "derive `Label` on an enum, or use `bool`, a `&'static str` constant, or `Bounded<N>` for text with a hard cap",
    note = "an id or a free text belongs into a span field (`#[traced(id)]`) or into a business event"
)]
pub trait Label: Copy {
    /// How many values there are.
    const CARDINALITY: usize;
    /// Whether the values are learnt at run time.
    #[doc(hidden)]
    const DYNAMIC: bool = false;
    /// How many of them count against the budget of a metric.
    #[doc(hidden)]
    const COUNTED: usize = Self::CARDINALITY;
    /// The value's number, below [`Self::CARDINALITY`].
    fn index(self) -> usize;
    /// The text of a number.
    fn value(index: usize) -> &'static str;
    /// The value's text, where it is learnt at run time.
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

/// How many different `&'static str` a label takes, the overflow included: OpenTelemetry's cardinality limit.
const STATIC_STR_CAP: usize = 2_000;

#[diagnostic::do_not_recommend]
impl Label for &'static str {
    const CARDINALITY: usize = STATIC_STR_CAP;
    const DYNAMIC: bool = true;
    // Constants are as many as the source spells: a few. The budget itself is their bound.
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

/// The label value of what is over a cap.
pub(crate) const OTHER: &str = "other";

/// The longest text a [`Bounded`] keeps, in bytes. Datadog cuts tags at 200, but a label this long is a mistake.
const BOUNDED_BYTES: usize = 55;

/// Text from outside as a label: the first `N - 1` different values get a series each, the rest share `other`.
///
/// ```
/// use instrumental::Bounded;
/// let city = Bounded::<100>::new("Springfield");
/// assert_eq!(city.as_str(), "Springfield");
/// ```
/// A text over 55 bytes is cut at a character boundary.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bounded<const N: usize> {
    bytes: [u8; BOUNDED_BYTES],
    len: u8,
}

impl<const N: usize> Bounded<N> {
    /// Takes a copy of the text.
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

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Cut at a character boundary of a `str`, so it is one.
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

/// What a family needs to know of one of its labels.
#[derive(Clone, Copy, Debug)]
pub struct LabelSpec {
    /// The key.
    pub name: &'static str,
    /// How many values.
    pub cardinality: usize,
    /// How many of them count against the metric's budget.
    pub counted: usize,
    /// Whether they are learnt at run time.
    pub dynamic: bool,
    /// The text of a number, for those that are not.
    pub value: fn(usize) -> &'static str,
}

impl LabelSpec {
    /// A label whose values, and how many there are, are learnt at run time.
    pub(crate) const fn learnt(name: &'static str) -> Self {
        Self {
            name,
            cardinality: 0,
            counted: 1,
            dynamic: true,
            value: |_| "",
        }
    }

    /// The label `name` of type `L`.
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
    /// Calls `each` with every label's number, or its text where it is learnt at run time.
    fn each(self, each: &mut dyn FnMut(usize, LabelValue<'_>));
    /// The number of the combination, where no label is learnt at run time.
    fn fixed_index(&self) -> Option<usize>;
}

/// One label value.
#[derive(Clone, Copy, Debug)]
pub enum LabelValue<'a> {
    /// By number.
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

// A tuple of labels is itself a label: its values are the pairs, spelled `a.b`.
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
