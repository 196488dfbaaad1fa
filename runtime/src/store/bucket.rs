//! Exponential buckets at scale 2 (OpenTelemetry metrics data model, "ExponentialHistogram"): four to an octave, so a
//! quantile is off by 9% at most. Boundaries are exact powers of 2^(1/4).

/// Buckets of a histogram: 39.75 octaves, from 4 ns to almost an hour for durations.
pub(crate) const BUCKETS: usize = 159;
/// Cells of a histogram: the sum, then the buckets.
pub(crate) const HISTOGRAM_CELLS: usize = BUCKETS + 1;
/// Buckets to an octave.
const PER_OCTAVE: i64 = 4;

const MANTISSA_BITS: u32 = 52;
const MANTISSA: u64 = (1 << MANTISSA_BITS) - 1;
/// Mantissas of 2^(1/4), 2^(1/2) and 2^(3/4).
const QUARTERS: [u64; 3] = [0x3_06fe_0a31_b715, 0x6_a09e_667f_3bcc, 0xa_e89f_995a_d3ad];

/// The bucket of a finite value. Zero, negative and too small values share the first, too large ones the last.
#[inline(always)]
pub(crate) fn of(value: f64, floor: i16) -> usize {
    let bits = value.to_bits();
    let mantissa = bits & MANTISSA;
    let exponent = (bits >> MANTISSA_BITS) as i64 - 1023;
    // An upper bound belongs to its bucket: an exact power of two is the last value of the bucket below.
    let index = exponent * PER_OCTAVE - i64::from(mantissa == 0)
        + i64::from(mantissa > QUARTERS[0])
        + i64::from(mantissa > QUARTERS[1])
        + i64::from(mantissa > QUARTERS[2]);
    let index = if value > 0.0 { index } else { i64::MIN / 2 };
    (index - i64::from(floor) * PER_OCTAVE).clamp(0, BUCKETS as i64 - 1) as usize
}

/// The largest value of a bucket.
pub(crate) fn upper(bucket: usize, floor: i16) -> f64 {
    let index = i64::from(floor) * PER_OCTAVE + bucket as i64 + 1;
    (index as f64 / PER_OCTAVE as f64).exp2()
}

/// The value below which `q` (0 to 1) of the counted values lie, by geometric interpolation within its bucket.
pub(crate) fn quantile(buckets: &[u64], floor: i16, q: f64) -> Option<f64> {
    let total: u64 = buckets.iter().sum();
    if total == 0 {
        return None;
    }
    let rank = (q * total as f64).max(1.0);
    let mut below = 0_u64;
    for (bucket, count) in buckets.iter().enumerate() {
        if *count > 0 && (below + count) as f64 >= rank {
            let part = (rank - below as f64) / *count as f64;
            return Some(upper(bucket, floor) * ((part - 1.0) / PER_OCTAVE as f64).exp2());
        }
        below += count;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lies_in_its_bucket() {
        for floor in [-28, 0] {
            for step in 1..2_000_u32 {
                let value = 1.013_f64.powi(step as i32) * f64::from(floor).exp2();
                let bucket = of(value, floor);
                if bucket < BUCKETS - 1 {
                    assert!(value <= upper(bucket, floor) * (1.0 + 1e-12), "{value}");
                }
                if bucket > 0 {
                    assert!(value > upper(bucket - 1, floor) * (1.0 - 1e-12), "{value}");
                }
            }
        }
    }

    #[test]
    fn bounds_belong_to_the_bucket_below() {
        assert_eq!(of(2.0, 0), 3);
        assert_eq!(of(2.000_001, 0), 4);
        assert_eq!(of(0.0, 0), 0);
        assert_eq!(of(-3.0, 0), 0);
        assert_eq!(of(f64::MAX, 0), BUCKETS - 1);
    }

    #[test]
    fn quantiles() {
        let mut buckets = vec![0; BUCKETS];
        for value in 1..=1000 {
            buckets[of(f64::from(value), 0)] += 1;
        }
        for (q, real) in [(0.5, 500.0), (0.95, 950.0), (0.99, 990.0)] {
            let seen = quantile(&buckets, 0, q).expect("not empty");
            assert!((seen / real - 1.0_f64).abs() < 0.1, "{q}: {seen}");
        }
        assert_eq!(quantile(&[0; 3], 0, 0.5), None);
    }
}
