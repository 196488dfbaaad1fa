//! Exponential buckets at scale 2 (OpenTelemetry metrics data model, "ExponentialHistogram"): four per power of two, with
//! boundaries at exact powers of 2^(1/4). The error of a quantile is a few percent, and at most 19%, the width of a bucket.

/// Number of buckets of a histogram: 39.75 powers of two, from 4 ns to almost an hour for durations.
pub(crate) const BUCKETS: usize = 159;
/// Number of cells of a histogram: the sum, then the buckets.
pub(crate) const HISTOGRAM_CELLS: usize = BUCKETS + 1;
/// Number of buckets per power of two.
const PER_OCTAVE: i64 = 4;

const MANTISSA: u64 = (1 << 52) - 1;
/// Position of the two highest bits of the mantissa.
const QUARTER: u32 = 50;
const EXPONENT_BIAS: i64 = 1023;

/// For each linear quarter between two powers of two, the mantissa at which the geometric quarter ends: those of 2^(1/4),
/// 2^(1/2) and 2^(3/4).
const ENDS: [u64; 4] = [
    0x3_06fe_0a31_b715,
    0x6_a09e_667f_3bcc,
    0xa_e89f_995a_d3ad,
    MANTISSA,
];

/// Returns the bucket of a finite value that is not negative. Values that are too small share the first bucket, and values
/// that are too large the last.
#[inline(always)]
pub(crate) fn of(value: f64, floor: i16) -> usize {
    // Subtract one, because an upper bound belongs to the bucket below it.
    let bits = value.to_bits().saturating_sub(1);
    // The exponent and the two highest mantissa bits number the linear quarters. The geometric ones end a little earlier.
    let quarter = bits >> QUARTER;
    let beyond = bits & MANTISSA > ENDS[(quarter % 4) as usize];
    let index =
        quarter as i64 + i64::from(beyond) - (EXPONENT_BIAS + i64::from(floor)) * PER_OCTAVE;
    index.clamp(0, BUCKETS as i64 - 1) as usize
}

/// Returns the upper bound of a bucket.
pub(crate) fn upper(bucket: usize, floor: i16) -> f64 {
    let index = i64::from(floor) * PER_OCTAVE + bucket as i64 + 1;
    (index as f64 / PER_OCTAVE as f64).exp2()
}

/// Returns the quantile `q` (0 to 1), by geometric interpolation within its bucket. Returns `None` without values.
pub(crate) fn quantile(buckets: &[u64], floor: i16, q: f64) -> Option<f64> {
    let total: u64 = buckets.iter().sum();
    if total == 0 {
        return None;
    }
    let rank = (q * total as f64).max(1.0);
    let mut below = 0_u64;
    for (bucket, count) in buckets.iter().enumerate() {
        if *count > 0 && (below + count) as f64 >= rank {
            // Each value is placed in the middle of its share of the bucket, so a single one is in the middle of the bucket.
            let part = ((rank - below as f64 - 0.5) / *count as f64).max(0.0);
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
        for value in 1..1000 {
            let mut buckets = vec![0; BUCKETS];
            buckets[of(f64::from(value), 0)] = 1;
            let seen = quantile(&buckets, 0, 0.99).expect("not empty");
            assert!(
                (seen / f64::from(value) - 1.0).abs() < 0.1,
                "{value}: {seen}"
            );
        }
    }
}
