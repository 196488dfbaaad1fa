//! What a panel asks of Prometheus, in Grafana's hands: variables are put in where they are meant, and nowhere else.

use super::panel::{Over, Panel, Series, Slo, Source, View};
use crate::error::Error;
use crate::query::promql::{Reader, Scope, duration, selector};
use crate::slo;
use instrumental_manifest::{Function, Manifest, Query};

/// The variable of the instances that are shown.
const INSTANCE: &str = "$instance";
const READER: Reader<'static> = Reader::Grafana { instance: INSTANCE };
/// As long as Grafana thinks that a rate needs at the resolution shown.
const POINT: &str = "$__rate_interval";

/// The expression of a series.
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
        // The first payment that failed today is one of today's.
        births: over == Over::Day,
        ..Scope::new(manifest, &window, READER)
    };
    let expression = scope.query(query)?;
    let counts = matches!(query, Query::Increase { .. } | Query::Total { .. });
    // What never happened happened no time.
    Ok(match over == Over::Day && counts && by.is_empty() {
        true => format!("({expression} or vector(0))"),
        false => match series.past {
            Some(past) => format!("{} * {expression}", past.factor),
            None => expression,
        },
    })
}

/// The part of the scrapes that the instances answered.
fn uptime(over: Over) -> String {
    format!(
        "avg(avg_over_time(up{{instance=~\"{INSTANCE}\"}}[{}]))",
        window(over)
    )
}

/// What is left of an error budget: recorded by the rules of `cargo instrumental alerts`, for all instances.
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

/// Alerts of the service that fire: as many, or each of them.
fn firing(manifest: &Manifest, view: View) -> String {
    let service = READER.string(&manifest.service.name);
    match view {
        View::Firing => format!("ALERTS{{alertstate=\"firing\",service={service}}}"),
        _ => format!(
            "count(ALERTS{{alertstate=\"firing\",service={service},severity=~\"P1|P2\"}}) or vector(0)"
        ),
    }
}

/// Values of a label of `target_info`, by which the program says who it is.
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
    fn values_of_labels_are_no_variables() {
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
