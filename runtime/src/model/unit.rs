//! Units are types: recording seconds where bytes are declared does not compile.

/// The unit of a metric.
pub trait Unit: Copy + Send + Sync + 'static {
    /// UCUM code, as OpenTelemetry writes units: `s`, `By`, `{item}`. Empty: no unit.
    const CODE: &'static str;
    /// The word a Prometheus name ends in. Empty: none.
    const WORD: &'static str;
    /// The smallest power of two a histogram of this unit tells apart.
    const FLOOR: i16;
}

/// A value that can be recorded in unit `U`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a measure in `{U}`",
    label = "this is not a value in `{U}`",
    note = "durations go into `Histogram<Seconds>`; numbers go into the other units"
)]
pub trait Measure<U> {
    /// The value in the base unit.
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
    /// A part of one: 0.5 is a half.
    Ratio "1" "ratio" -20;
    /// A part of a hundred: 50 is a half.
    Percent "%" "percent" -13;
    /// Things counted.
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
