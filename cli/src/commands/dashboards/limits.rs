//! Thresholds of alerts, as lines on the panels that show the same numbers.

use super::panel::{Dashboard, Limit, Over, Panel, Source, View};
use instrumental_manifest::{Alert, Comparison, Manifest, Query};

pub(super) fn draw(manifest: &Manifest, dashboards: &mut [Dashboard]) {
    let sections = dashboards
        .iter_mut()
        .flat_map(|dashboard| &mut dashboard.sections);
    for panel in sections.flat_map(|section| &mut section.panels) {
        let limits = manifest
            .alerts
            .iter()
            .filter_map(|alert| limit(panel, alert));
        panel.limits = limits.collect();
        panel
            .limits
            .dedup_by(|a, b| a.at == b.at && a.above == b.above);
    }
}

/// Returns the alert's threshold in the unit of the panel.
fn limit(panel: &Panel, alert: &Alert) -> Option<Limit> {
    let condition = &alert.condition;
    if condition.past.is_some()
        || condition.compare == Comparison::Absent
        || !condition.threshold.is_finite()
    {
        return None;
    }
    // An alert compares the total, so its threshold has no meaning on panels by label.
    let whole = panel
        .series
        .iter()
        .filter(|series| series.by.is_empty() && series.past.is_none());
    let at = whole.filter_map(|series| match &series.source {
        Source::Signal(query) => threshold(query, panel.over, alert),
        _ => None,
    });
    let at = at.min_by(f64::total_cmp)?;
    let above = condition.compare == Comparison::Above;
    // The color of a number starts at the limit, so a value of 0 would have the color of one above it.
    if panel.view == View::Number && above && at == 0.0 {
        return None;
    }
    Some(Limit {
        at,
        above,
        alert: alert.name.clone(),
        severity: alert.severity,
    })
}

fn threshold(shown: &Query, over: Over, alert: &Alert) -> Option<f64> {
    let condition = &alert.condition;
    let seconds = match over {
        Over::Window(seconds) => Some(seconds),
        Over::Day => Some(86_400.0),
        Over::Now => Some(300.0),
        Over::Point => None,
    };
    match (shown, &condition.query) {
        // A count within the window is converted to a rate.
        (Query::Rate { of }, Query::Increase { of: watched })
            if of == watched && condition.window > 0.0 =>
        {
            Some(condition.threshold / condition.window)
        }
        // Sums and counts can only be compared over the same window.
        (Query::Increase { .. } | Query::Total { .. }, watched) if shown == watched => {
            (seconds == Some(condition.window)).then_some(condition.threshold)
        }
        (_, watched) if shown == watched => Some(condition.threshold),
        _ => None,
    }
}
