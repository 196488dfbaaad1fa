//! Units of metrics, as types: recording seconds into a histogram of bytes does not compile.
//!
//! ```
//! use instrumental::catalog;
//!
//! #[catalog]
//! mod uploads {
//!     /// Size of an uploaded file.
//!     pub fn size() -> Histogram<Bytes>;
//! }
//!
//! uploads::size().record(512_u64);
//! ```

/// The unit of a metric. Implemented by the types of this module.
///
/// ```
/// use instrumental::unit::{Seconds, Unit};
/// assert_eq!(Seconds::CODE, "s");
/// ```
pub trait Unit: Copy + Send + Sync + 'static {
    /// UCUM code, as OpenTelemetry's semantic conventions write units: `s`, `By`, `{item}`. Empty for no unit.
    const CODE: &'static str;
    /// Suffix of the metric's Prometheus name. Empty for none.
    const WORD: &'static str;
    /// Exponent of the smallest power of two that a histogram of this unit distinguishes; smaller values share its first
    /// bucket.
    const FLOOR: i16;
}

/// A value that can be recorded in the unit `U`: a `Duration` in seconds, a number in the other units.
///
/// ```
/// use instrumental::unit::{Measure, Seconds};
/// let value = Measure::<Seconds>::measure(std::time::Duration::from_millis(1500));
/// assert_eq!(value, 1.5);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a measure in `{U}`",
    label = "this is not a value in `{U}`",
    note = "durations go into `Histogram<Seconds>`; numbers go into the other units"
)]
pub trait Measure<U> {
    /// Returns the value in the base unit.
    fn measure(self) -> f64;
}

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident $code:literal $word:literal $floor:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;
        impl Unit for $name {
            const CODE: &'static str = $code;
            const WORD: &'static str = $word;
            const FLOOR: i16 = $floor;
        }
    )*};
}

units! {
    /// Seconds. Records a `Duration`, or a number of seconds as `f64`.
    Seconds "s" "seconds" -28;
    /// Bytes.
    Bytes "By" "bytes" 0;
    /// US dollars.
    Usd "{USD}" "usd" -7;
    /// Euros.
    Eur "{EUR}" "eur" -7;
    /// A fraction of one: 0.5 is a half.
    Ratio "1" "ratio" -20;
    /// A fraction of a hundred: 50 is a half.
    Percent "%" "percent" -13;
    /// A number of things.
    Items "{item}" "" 0;
    /// No unit.
    None "" "" -10;
}

impl Measure<Seconds> for std::time::Duration {
    fn measure(self) -> f64 {
        self.as_secs_f64()
    }
}

macro_rules! numbers {
    ($unit:ty: $($number:ty)*) => {$(
        impl Measure<$unit> for $number {
            fn measure(self) -> f64 { self as f64 }
        }
    )*};
}
numbers!(Seconds: f64);
numbers!(Bytes: u8 u16 u32 u64 usize f64);
numbers!(Usd: u8 u16 u32 u64 i32 i64 f32 f64);
numbers!(Eur: u8 u16 u32 u64 i32 i64 f32 f64);
numbers!(Ratio: f32 f64);
numbers!(Percent: u8 u32 f32 f64);
numbers!(Items: u8 u16 u32 u64 usize i32 i64 f64);
numbers!(None: u8 u16 u32 u64 usize i32 i64 f32 f64);
