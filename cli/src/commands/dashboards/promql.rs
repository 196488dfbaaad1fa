//! The PromQL of a panel. Grafana replaces variables in it; names from the manifest are escaped.

use super::panel::{Over, Panel, Series, Slo, Source, View};
use crate::error::Error;
use crate::query::promql::{Reader, Scope, duration, selector};
use crate::slo;
use instrumental_manifest::{Function, Manifest, Query};

/// The variable of the selected instances.
const INSTANCE: &str = "$instance";
const READER: Reader<'static> = Reader::Grafana { instance: INSTANCE };
/// The variable of the shortest window for rates at the current resolution.
const POINT: &str = "$__rate_interval";

/// Returns the expression of a series.
pub(super) fn expression(
    manifest: &Manifest,
    panel: &Panel,
    series: &Series,
) -> Result<String, Error> {
    let expression = match &series.source {
        Source::Signal(query) => signal(manifest, panel.over, query, series)?,
        Source::Uptime => uptime(panel.over),
        Source::Budget { function, slo, .. } => budget(manifest, function, *slo),
        Source::Firing => firing(manifest, panel.view),
    };
    Ok(match panel.view {
        View::Highest => format!("topk(10, {expression})"),
        _ => expression,
    })
}

fn window(over: Over) -> String {
    match over {
        Over::Day => "1d".into(),
        Over::Now => "5m".into(),
        Over::Point => POINT.into(),
        Over::Window(seconds) => duration(seconds),
    }
}

fn signal(
    manifest: &Manifest,
    over: Over,
    query: &Query,
    series: &Series,
) -> Result<String, Error> {
    let window = window(over);
    let by: Vec<_> = series.by.iter().map(String::as_str).collect();
    let ago = series.past.map(|past| duration(past.seconds));
    let scope = Scope {
        by: &by,
        offset: ago.as_deref(),
        // The first event of a new series counts.
        births: over == Over::Day,
        ..Scope::new(manifest, &window, READER)
    };
    let expression = scope.query(query)?;
    let counts = matches!(query, Query::Increase { .. } | Query::Total { .. });
    // A count without series is 0.
    Ok(match over == Over::Day && counts && by.is_empty() {
        true => format!("({expression} or vector(0))"),
        false => match series.past {
            Some(past) => format!("{} * {expression}", past.factor),
            None => expression,
        },
    })
}

/// Returns the ratio of scrapes that the instances answered.
fn uptime(over: Over) -> String {
    format!(
        "avg(avg_over_time(up{{instance=~\"{INSTANCE}\"}}[{}]))",
        window(over)
    )
}

/// Returns the remaining error budget of all instances, which the rules of `cargo instrumental alerts` record.
fn budget(manifest: &Manifest, function: &Function, slo: Slo) -> String {
    let objective = match slo {
        Slo::Success => "success",
        Slo::Latency => "latency",
    };
    let labels = [
        ("service", manifest.service.name.as_str()),
        ("function", &function.name),
        ("module", &function.place.module),
        ("objective", objective),
    ];
    let labels = labels.map(|(name, value)| format!("{name}={}", READER.string(value)));
    format!("min({})", selector(slo::LEFT, &labels))
}

/// Returns the firing alerts of the service, or their number.
fn firing(manifest: &Manifest, view: View) -> String {
    let service = READER.string(&manifest.service.name);
    match view {
        View::Firing => format!("ALERTS{{alertstate=\"firing\",service={service}}}"),
        _ => format!(
            "count(ALERTS{{alertstate=\"firing\",service={service},severity=~\"P1|P2\"}}) or vector(0)"
        ),
    }
}

/// Returns the values of a label of `target_info`, which identifies the program.
pub(super) fn who(manifest: &Manifest, more: &str, label: &str) -> String {
    let service = READER.string(&manifest.service.name);
    format!("label_values(target_info{{service_name={service}{more}}}, {label})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query;
    use instrumental_manifest::Selection;

    #[test]
    fn label_values_are_not_replaced_as_variables() {
        for (value, expected) in [
            ("$instance ${y}", r#""\x24instance \x24{y}""#),
            (r#"[[x]] \[[" "#, r#""[\x5bx]] \\[\x5b\" ""#),
            ("[[[[", r#""[\x5b[\x5b""#),
            (r"ends \", r#""ends \\""#),
        ] {
            assert_eq!(READER.string(value), expected);
        }
        let shop = crate::query::tests::shop();
        let calls = query::matcher("function", &["$instance", "[[a"]);
        let of = vec![Selection {
            metric: "function.duration".into(),
            matchers: vec![calls],
        }];
        let scope = Scope::new(&shop, POINT, READER);
        let expression = scope.query(&Query::Rate { of }).expect("a query");
        assert_eq!(
            expression,
            r#"sum(rate(function_duration_seconds_count{instance=~"$instance",function=~"\\\x24instance|\\[\\[a"}[$__rate_interval]))"#
        );
    }
}
