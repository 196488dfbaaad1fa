//! Sums and quantiles of a page of metrics.

use crate::exposition::{self, Sample};
use std::collections::HashMap;

/// The samples of a page.
#[derive(Debug, Default)]
pub(crate) struct MetricsPage(Vec<Sample>);

/// The bucket bounds of a series, each with the number of values at most as large.
type Steps = Vec<(f64, f64)>;

impl MetricsPage {
    /// Parses a page, which may be empty.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        exposition::parse(text).map(|page| Self(page.samples))
    }

    /// Whether there are no samples.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the samples of this name.
    pub(crate) fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.0.iter().filter(move |sample| sample.name == name)
    }

    /// Returns the sum of samples, or `None` if there are none.
    pub(crate) fn sum(&self, name: &str, holds: impl Fn(&Sample) -> bool) -> Option<f64> {
        let mut found = self.of(name).filter(|sample| holds(sample)).peekable();
        found.peek()?;
        Some(found.map(|sample| sample.value).sum())
    }

    /// Returns a quantile over all series of a histogram, calculated like `histogram_quantile`, or `None` if nothing was
    /// recorded.
    pub(crate) fn quantile(&self, name: &str, q: f64) -> Option<f64> {
        let bucket = format!("{name}_bucket");
        // Series may lack some of the bounds, so each is collected separately.
        let mut series: HashMap<Vec<(&str, &str)>, Steps> = HashMap::new();
        for sample in self.of(&bucket) {
            let bound = sample.label("le").parse().ok()?;
            let key = sample.labels_without("le");
            series.entry(key).or_default().push((bound, sample.value));
        }
        let counts = counts(&series);
        let rank = q * counts.last()?.1;
        if rank <= 0.0 {
            return None;
        }
        let (mut lower, mut under) = (0.0, 0.0);
        for (bound, count) in counts {
            if count >= rank {
                return Some(if bound.is_infinite() {
                    lower
                } else {
                    lower + (bound - lower) * (rank - under) / (count - under)
                });
            }
            (lower, under) = (bound, count);
        }
        None
    }
}

/// Returns the number of values up to each bound of any series. A series without the bound contributes its count at the
/// next lower one.
fn counts(series: &HashMap<Vec<(&str, &str)>, Steps>) -> Steps {
    let mut bounds: Vec<f64> = series.values().flatten().map(|(bound, _)| *bound).collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    let at = |bound: f64| {
        let of = |steps: &Steps| {
            let below = steps.iter().filter(|(own, _)| *own <= bound);
            below.map(|(_, count)| *count).fold(0.0, f64::max)
        };
        series.values().map(of).sum::<f64>()
    };
    bounds.iter().map(|bound| (*bound, at(*bound))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# TYPE d histogram
d_bucket{r=\"a\",le=\"0.1\"} 90
d_bucket{r=\"a\",le=\"0.2\"} 100
d_bucket{r=\"a\",le=\"+Inf\"} 100
d_bucket{r=\"b,}\\\"\\n\",le=\"0.2\"} 0
d_bucket{r=\"b,}\\\"\\n\",le=\"0.4\"} 100
d_bucket{r=\"b,}\\\"\\n\",le=\"+Inf\"} 100
plain 3 1700000000
";

    #[test]
    fn sums_and_quantiles_are_calculated() {
        let page = MetricsPage::parse(PAGE).expect("a page");
        assert_eq!(page.sum("plain", |_| true), Some(3.0));
        assert_eq!(page.sum("other", |_| true), None);
        let odd = page
            .of("d_bucket")
            .filter(|sample| sample.label("r") == "b,}\"\n");
        assert_eq!(odd.count(), 3);
        // 100 of 200 values are below 0.2, and 100 are from 0.2 to 0.4.
        assert_eq!(page.quantile("d", 0.5), Some(0.2));
        assert!(
            page.quantile("d", 0.75)
                .is_some_and(|p| (p - 0.3).abs() < 1e-9)
        );
        assert_eq!(page.quantile("other", 0.5), None);
        assert!(
            MetricsPage::parse("<html>").is_err()
                && MetricsPage::parse("\n").is_ok_and(|page| page.is_empty())
        );
    }
}
