//! What would reduce the bill.

use super::bill::{Biller, Line, Quantities, part, sum, total};
use super::usage::Metric;
use serde::Serialize;

/// The maximum number of labels, of those that save most.
const LABELS: usize = 5;

/// A change that reduces the bill.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Saving {
    pub(super) what: String,
    pub(super) detail: String,
    /// Per month.
    pub(super) saves: f64,
    /// Per month, of what backends that are off would bill.
    pub(super) saves_off: f64,
}

impl Saving {
    fn all(&self) -> f64 {
        self.saves + self.saves_off
    }
}

/// Returns possible savings, the largest first.
pub(super) fn savings(
    biller: &Biller<'_>,
    of: &Quantities,
    lines: &[Line],
    sample_rate: f64,
) -> Vec<Saving> {
    let mut savings = biller.labels(of, lines);
    savings.truncate(LABELS);
    savings.extend(biller.levels(of, lines));
    savings.extend(biller.sampling(of, lines, sample_rate));
    savings.sort_by(|a, b| b.all().total_cmp(&a.all()));
    savings
}

impl Biller<'_> {
    /// Returns the saving if only the quantities `left` are used.
    fn saving(&self, what: String, detail: String, lines: &[Line], left: &Quantities) -> Saving {
        let rest = self.lines(left);
        let off = |lines: &[Line]| sum(lines, |line| !line.is_on);
        Saving {
            what,
            detail,
            saves: total(lines) - total(&rest),
            saves_off: off(lines) - off(&rest),
        }
    }

    /// Returns what a lower sample rate would save. Traces that failed or were slow are kept.
    fn sampling(&self, of: &Quantities, lines: &[Line], rate: f64) -> Option<Saving> {
        let usage = self.usage;
        let now = usage.sample_rate?;
        let (before, after) = (usage.kept(now), usage.kept(rate));
        if after >= before || usage.calls() == 0.0 {
            return None;
        }
        let left = after / before;
        let fewer = Quantities {
            sentry_spans: of.sentry_spans * left,
            datadog_span_bytes: of.datadog_span_bytes.map(|bytes| bytes * left),
            ..*of
        };
        let (rate, now) = (percent(rate), percent(now));
        let what = format!("sample {rate}% of the traces instead of {now}%");
        let detail = format!(
            "{}% fewer spans; traces that fail or are slow, about {}%, are kept by default",
            percent(1.0 - left),
            percent(usage.notable())
        );
        Some(self.saving(what, detail, lines, &fewer))
    }

    /// Returns what dropping each label would save, the most expensive first.
    fn labels(&self, of: &Quantities, lines: &[Line]) -> Vec<Saving> {
        // The labels of the library's metrics are their purpose.
        let is_own = |metric: &&Metric| {
            let library = ["function_", "instrumental_"];
            !library.iter().any(|prefix| metric.name.starts_with(prefix))
        };
        let mut savings = Vec::new();
        for metric in self.usage.metrics.iter().filter(is_own) {
            for (label, left) in &metric.without {
                let fewer = 1.0 - part(*left as f64, metric.series as f64);
                let custom = self.custom_metrics(metric) * fewer;
                let series = metric.lines as f64 * self.instances * fewer;
                let rest = Quantities {
                    custom_metrics: of.custom_metrics - custom,
                    series: of.series - series,
                    ..*of
                };
                let what = format!("drop the label `{label}` of {}", metric.name);
                let detail = format!(
                    "{series:.0} fewer series, {custom:.0} fewer custom metrics in Datadog"
                );
                if *left < metric.series {
                    savings.push((series, self.saving(what, detail, lines, &rest)));
                }
            }
        }
        savings.sort_by(|a, b| b.1.all().total_cmp(&a.1.all()).then(b.0.total_cmp(&a.0)));
        savings.into_iter().map(|(_, saving)| saving).collect()
    }

    /// Returns what a stricter log filter would save.
    fn levels(&self, of: &Quantities, lines: &[Line]) -> Option<Saving> {
        let logs = self.usage.logs.iter();
        let all: f64 = logs.clone().map(|lines| lines.bytes).sum();
        let kept = logs.filter(|log| matches!(log.level.as_str(), "WARN" | "ERROR"));
        let left = part(kept.map(|lines| lines.bytes).sum(), all);
        if all == 0.0 || left >= 1.0 {
            return None;
        }
        let fewer = Quantities {
            log_lines: of.log_lines * left,
            log_bytes: of.log_bytes * left,
            ..*of
        };
        let what = "log at level WARN (LOG_LEVEL=warn)".into();
        let detail = format!("{}% fewer bytes of log lines", percent(1.0 - left));
        Some(self.saving(what, detail, lines, &fewer))
    }
}

/// Returns a ratio as a percentage with at most one decimal.
fn percent(part: f64) -> String {
    let text = format!("{:.1}", part * 100.0);
    text.trim_end_matches(".0").to_owned()
}
