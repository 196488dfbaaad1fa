//! Recording of named values. The trait by which a value is recorded is chosen through method resolution, as for verdicts.

use crate::model::label::Label;
use std::fmt::{Debug, Display, Formatter};
use tracing::Value;
use tracing::field::{DebugValue, DisplayValue, debug, display};

/// A value to be recorded.
pub struct Capture<'a, T: ?Sized>(pub &'a T);

/// Values that `tracing` records natively: numbers, booleans, strings, options of them, errors.
pub trait AsValue<'a> {
    /// The type that is recorded.
    type Form: Value + 'a;
    /// Returns the value in its recorded form.
    fn form(&self) -> Self::Form;
}
impl<'a, T: Value + ?Sized> AsValue<'a> for &&&&Capture<'a, T> {
    type Form = &'a T;
    #[inline(always)]
    fn form(&self) -> &'a T {
        self.0
    }
}

/// Labels, recorded by the text that metrics use, so that a log line and a series with the same label can be matched.
pub trait AsLabel {
    /// The label's type.
    type Inner: Label;
    /// Returns the value in its recorded form.
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

/// Values recorded with `Display`.
pub trait AsDisplay<'a> {
    /// The value's type.
    type Inner: Display + ?Sized + 'a;
    /// Returns the value in its recorded form.
    fn form(&self) -> DisplayValue<&'a Self::Inner>;
}
impl<'a, T: Display + ?Sized> AsDisplay<'a> for &&Capture<'a, T> {
    type Inner = T;
    #[inline(always)]
    fn form(&self) -> DisplayValue<&'a T> {
        display(self.0)
    }
}

/// Values recorded with `Debug`.
pub trait AsDebug<'a> {
    /// The value's type.
    type Inner: Debug + ?Sized + 'a;
    /// Returns the value in its recorded form.
    fn form(&self) -> DebugValue<&'a Self::Inner>;
}
impl<'a, T: Debug + ?Sized> AsDebug<'a> for &Capture<'a, T> {
    type Inner = T;
    #[inline(always)]
    fn form(&self) -> DebugValue<&'a T> {
        debug(self.0)
    }
}

/// A type whose values can be recorded as a field: a primitive, or a type with `Display` or `Debug`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as a field",
    label = "implements neither `Display` nor `Debug`",
    note = "implement one of them, record a part of the value (`fields(id = x.id)`), or skip it"
)]
pub trait Recordable {}

/// All other types.
pub trait AsNothing<'a, T: ?Sized> {
    /// Never called. A type that gets here cannot be recorded, and the bound reports that.
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

/// A value that should label a metric.
pub struct Labelled<T>(pub T);

/// Labels, which are passed through.
pub trait IsLabel {
    /// The label's type.
    type Label: Label;
    /// Returns the label.
    fn label(&self) -> Self::Label;
}
impl<L: Label> IsLabel for &Labelled<L> {
    type Label = L;
    #[inline(always)]
    fn label(&self) -> L {
        self.0
    }
}

/// Values that are not labels. The metric's declaration rejects their type, so that there is only one error.
pub trait IsNoLabel {
    /// Never called.
    fn label(&self) -> bool {
        false
    }
}
impl<T> IsNoLabel for Labelled<T> {}

/// A measure of a business event.
pub struct Amount<T>(pub T);

/// Primitive numbers and durations, which are measures.
pub trait ToNumber {
    /// Returns the number.
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

/// Strings, which have `Display` but are not numbers. They are rejected, like types without `Display`.
pub trait NotANumber<T: ?Sized> {
    /// Never called. The bound rejects the type.
    fn number(&self) -> f64
    where
        T: Measurable,
    {
        f64::NAN
    }
}
impl<T: AsRef<str> + ?Sized> NotANumber<T> for &&&Amount<&T> {}

/// Labels, characters and addresses, which have `Display` but are not numbers.
pub trait NotALabel<T: ?Sized> {
    /// Never called. The bound rejects the type.
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

/// Decimals and similar types, whose `Display` writes a number.
pub trait DisplayNumber {
    /// Returns the displayed number, or NaN if it cannot be parsed; that is counted as dropped.
    fn number(&self) -> f64;
}
impl<T: Display> DisplayNumber for &Amount<&T> {
    fn number(&self) -> f64 {
        crate::collect::bounded::text(self.0, LONGEST_NUMBER)
            .parse()
            .unwrap_or(f64::NAN)
    }
}

/// Maximum length of a displayed number, in bytes: enough for 309 digits before the decimal point (10^308) and as many after
/// it.
const LONGEST_NUMBER: usize = 1024;

/// A type whose values can be measured.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be measured",
    label = "neither a number nor a type that displays one",
    note = "a measure is a number, a `Duration`, or a decimal whose `Display` writes a number"
)]
pub trait Measurable {}

/// All other types.
pub trait NoNumber<T> {
    /// Never called. A type that gets here is not a number, and the bound reports that.
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
