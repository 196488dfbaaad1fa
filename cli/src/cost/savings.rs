//! What would save some of the bill.

use super::bill::{Biller, Line, Quantities, part, sum, total};
use super::usage::Metric;
use serde::Serialize;

/// Labels that are told: those that save most.
const LABELS: usize = 5;

#[derive(Clone, Debug, Serialize)]
pub(super) struct Saving {
    pub(super) what: String,
    pub(super) detail: String,
    /// A month.
    pub(super) saves: f64,
    /// A month, of what backends that are off would bill.
    pub(super) saves_off: f64,
}

impl Saving {
    fn all(&self) -> f64 {
        self.saves + self.saves_off
    }
}

impl Biller<'_> {
    /// The largest first.
    pub(super) fn savings(&self, of: &Quantities, lines: &[Line]) -> Vec<Saving> {
        let mut savings = self.labels(of, lines);
        savings.truncate(LABELS);
        savings.extend(self.levels(of, lines));
        savings.extend(self.sampling(of, lines));
        savings.sort_by(|a, b| b.all().total_cmp(&a.all()));
        savings
    }

    /// What is no longer paid where only so much is used.
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

    /// What fewer traces would save. Those that failed or were slow stay.
    fn sampling(&self, of: &Quantities, lines: &[Line]) -> Option<Saving> {
        let usage = self.usage;
        let now = usage.sample_rate?;
        let (before, after) = (usage.kept(now), usage.kept(self.rate));
        if after >= before || usage.calls() == 0.0 {
            return None;
        }
        let left = after / before;
        let fewer = Quantities {
            sentry_spans: of.sentry_spans * left,
            datadog_span_bytes: of.datadog_span_bytes.map(|bytes| bytes * left),
            ..*of
        };
        let (rate, now) = (percent(self.rate), percent(now));
        let what = format!("sample {rate}% of the traces instead of {now}%");
        let detail = format!(
            "{}% fewer spans; traces that fail or are slow, about {}%, are kept unless that was switched off",
            percent(1.0 - left),
            percent(usage.notable())
        );
        Some(self.saving(what, detail, lines, &fewer))
    }

    /// What each label costs. The most expensive first.
    fn labels(&self, of: &Quantities, lines: &[Line]) -> Vec<Saving> {
        // What a call is of is the point of these.
        let is_told = |metric: &&Metric| {
            let own = ["function_", "instrumental_"];
            !own.iter().any(|own| metric.name.starts_with(own))
        };
        let mut savings = Vec::new();
        for metric in self.usage.metrics.iter().filter(is_told) {
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
                    "{series:.0} series fewer, {custom:.0} custom metrics fewer in Datadog"
                );
                if *left < metric.series {
                    savings.push((series, self.saving(what, detail, lines, &rest)));
                }
            }
        }
        savings.sort_by(|a, b| b.1.all().total_cmp(&a.1.all()).then(b.0.total_cmp(&a.0)));
        savings.into_iter().map(|(_, saving)| saving).collect()
    }

    /// What a stricter filter would save.
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
        let what = "log from WARN on (LOG_LEVEL=warn)".into();
        let detail = format!("{}% fewer bytes of log lines", percent(1.0 - left));
        Some(self.saving(what, detail, lines, &fewer))
    }
}

/// At most one digit behind the point.
fn percent(part: f64) -> String {
    let text = format!("{:.1}", part * 100.0);
    text.trim_end_matches(".0").to_owned()
}
