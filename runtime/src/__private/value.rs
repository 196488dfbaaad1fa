//! How a named value is recorded, decided by its type through method resolution, as for verdicts.

use crate::model::label::Label;
use std::fmt::{Debug, Display, Formatter};
use tracing::Value;
use tracing::field::{DebugValue, DisplayValue, debug, display};

/// A value to be recorded.
pub struct Capture<'a, T: ?Sized>(pub &'a T);

/// Numbers, truth values, texts, options of them, errors: recorded as they are.
pub trait AsValue<'a> {
    /// The recorded form.
    type Form: Value + 'a;
    /// Wraps the value.
    fn form(&self) -> Self::Form;
}
impl<'a, T: Value + ?Sized> AsValue<'a> for &&&&Capture<'a, T> {
    type Form = &'a T;
    #[inline(always)]
    fn form(&self) -> &'a T {
        self.0
    }
}

/// Recorded by the text that its metrics have, so that a log and a series of one label find each other.
pub trait AsLabel {
    /// The label's type.
    type Inner: Label;
    /// Wraps the value.
    fn form(&self) -> DisplayValue<LabelText<Self::Inner>>;
}
impl<L: Label> AsLabel for &&&Capture<'_, L> {
    type Inner = L;
    #[inline(always)]
    fn form(&self) -> DisplayValue<LabelText<L>> {
        display(LabelText(*self.0))
    }
}

/// A label, displayed as its text.
pub struct LabelText<L>(L);

impl<L: Label> Display for LabelText<L> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        self.0.with_text(|text| f.write_str(text))
    }
}

/// Recorded as displayed.
pub trait AsDisplay<'a> {
    /// The value's type.
    type Inner: Display + ?Sized + 'a;
    /// Wraps the value.
    fn form(&self) -> DisplayValue<&'a Self::Inner>;
}
impl<'a, T: Display + ?Sized> AsDisplay<'a> for &&Capture<'a, T> {
    type Inner = T;
    #[inline(always)]
    fn form(&self) -> DisplayValue<&'a T> {
        display(self.0)
    }
}

/// Recorded as debugged.
pub trait AsDebug<'a> {
    /// The value's type.
    type Inner: Debug + ?Sized + 'a;
    /// Wraps the value.
    fn form(&self) -> DebugValue<&'a Self::Inner>;
}
impl<'a, T: Debug + ?Sized> AsDebug<'a> for &Capture<'a, T> {
    type Inner = T;
    #[inline(always)]
    fn form(&self) -> DebugValue<&'a T> {
        debug(self.0)
    }
}

/// A type whose values can be recorded as a field: a primitive, or one with `Display` or `Debug`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as a field",
    label = "implements neither `Display` nor `Debug`",
    note = "implement one of them, record a part of it (`fields(id = x.id)`), or leave it out"
)]
pub trait Recordable {}

/// What nothing above took.
pub trait AsNothing<'a, T: ?Sized> {
    /// Never called: a type that comes here has no way to be recorded, and the bound says so.
    fn form(&self) -> &'static str
    where
        T: Recordable;
}
impl<'a, T: ?Sized> AsNothing<'a, T> for Capture<'a, T> {
    fn form(&self) -> &'static str
    where
        T: Recordable,
    {
        ""
    }
}

/// A value that is to label a metric.
pub struct Labelled<T>(pub T);

/// A label, handed on.
pub trait IsLabel {
    /// The label's type.
    type Label: Label;
    /// The label.
    fn label(&self) -> Self::Label;
}
impl<L: Label> IsLabel for &Labelled<L> {
    type Label = L;
    #[inline(always)]
    fn label(&self) -> L {
        self.0
    }
}

/// What is none: the metric's declaration refuses its type, once.
pub trait IsNoLabel {
    /// Never called.
    fn label(&self) -> bool {
        false
    }
}
impl<T> IsNoLabel for Labelled<T> {}

/// A measure of a business event as a number.
pub struct Amount<T>(pub T);

/// Primitive numbers and durations.
pub trait ToNumber {
    /// The number.
    fn number(&self) -> f64;
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl ToNumber for &&&Amount<&$ty> {
            #[inline(always)]
            fn number(&self) -> f64 { *self.0 as f64 }
        }
    )*};
}
numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

impl ToNumber for &&&Amount<&std::time::Duration> {
    fn number(&self) -> f64 {
        self.0.as_secs_f64()
    }
}

/// Texts, labels, errors and addresses: displayed, but no numbers. Refused, like what cannot be displayed at all.
pub trait NotANumber<T: ?Sized> {
    /// Never called: the bound refuses the type.
    fn number(&self) -> f64
    where
        T: Measurable,
    {
        f64::NAN
    }
}
impl<T: AsRef<str> + ?Sized> NotANumber<T> for &&&Amount<&T> {}

/// As [`NotANumber`], for labels.
pub trait NotALabel<T: ?Sized> {
    /// Never called: the bound refuses the type.
    fn number(&self) -> f64
    where
        T: Measurable,
    {
        f64::NAN
    }
}
impl<T: Label> NotALabel<T> for &&Amount<&T> {}

macro_rules! no_numbers {
    ($($ty:ty)*) => {$( impl NotALabel<$ty> for &&Amount<&$ty> {} )*};
}
no_numbers!(char std::net::IpAddr std::net::Ipv4Addr std::net::Ipv6Addr std::net::SocketAddr);

/// Decimals and the like: by the number they display.
pub trait DisplayNumber {
    /// The number; not a number where the text is none, which is counted as lost.
    fn number(&self) -> f64;
}
impl<T: Display> DisplayNumber for &Amount<&T> {
    fn number(&self) -> f64 {
        crate::collect::bounded::text(self.0, LONGEST_NUMBER)
            .parse()
            .unwrap_or(f64::NAN)
    }
}

/// No number is written longer: 10^308 and as many digits after the point.
const LONGEST_NUMBER: usize = 1024;

/// A type whose values can be measured.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be measured",
    label = "neither a number nor displayed as one",
    note = "a measure is a number, a `Duration`, or a decimal whose `Display` writes a number"
)]
pub trait Measurable {}

/// What nothing above took.
pub trait NoNumber<T> {
    /// Never called: a type that comes here has no number, and the bound says so.
    fn number(&self) -> f64
    where
        T: Measurable;
}
impl<T> NoNumber<T> for Amount<&T> {
    fn number(&self) -> f64
    where
        T: Measurable,
    {
        f64::NAN
    }
}
