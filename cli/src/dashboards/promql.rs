//! What a panel asks of Prometheus, in Grafana's hands: variables are put in where they are meant, and nowhere else.

use super::panel::{Over, Panel, Series, Slo, Source, View};
use crate::failure::Failure;
use crate::manifest::{Function, Manifest, Query};
use crate::query::promql::{Scope, duration, string};
use crate::slo;

/// The variable of the instances that are shown.
const INSTANCE: &str = "$instance";
/// As long as Grafana thinks that a rate needs at the resolution shown.
const POINT: &str = "$__rate_interval";

/// The expression of a series.
pub(super) fn expression(
    manifest: &Manifest,
    panel: &Panel,
    series: &Series,
) -> Result<String, Failure> {
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
) -> Result<String, Failure> {
    let window = window(over);
    let by: Vec<_> = series.by.iter().map(String::as_str).collect();
    let ago = series.past.map(|past| duration(past.seconds));
    let scope = Scope {
        by: &by,
        offset: ago.as_deref(),
        job: Some(INSTANCE),
        // The first payment that failed today is one of today's.
        births: over == Over::Day,
        ..Scope::new(manifest, &window)
    };
    let expression = of_instances(&scope.query(query)?);
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

/// The scrape job is not known here, the service is: the variable holds its instances. No value of a label can look like
/// this matcher, as its quotes are escaped there.
fn of_instances(expression: &str) -> String {
    let job = format!("job={}", string(INSTANCE));
    let parts: Vec<_> = expression.split(&job).map(literal).collect();
    parts.join(&format!("instance=~{}", string(INSTANCE)))
}

/// Grafana puts variables into strings too. Go's escapes say the same without a `$` or a `[[`.
fn literal(expression: &str) -> String {
    let mut out = String::with_capacity(expression.len());
    let (mut inside, mut escaped) = (false, false);
    for c in expression.chars() {
        match c {
            '$' if inside => out.push_str("\\x24"),
            '[' if inside && out.ends_with('[') => out.push_str("\\x5b"),
            _ => out.push(c),
        }
        inside ^= c == '"' && !escaped;
        escaped = inside && c == '\\' && !escaped;
    }
    out
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
    let labels = labels.map(|(name, value)| format!("{name}={}", literal(&string(value))));
    format!("min({}{{{}}})", slo::LEFT, labels.join(","))
}

/// Alerts of the service that fire: as many, or each of them.
fn firing(manifest: &Manifest, view: View) -> String {
    let service = literal(&string(&manifest.service.name));
    match view {
        View::Firing => format!("ALERTS{{alertstate=\"firing\",service={service}}}"),
        _ => format!(
            "count(ALERTS{{alertstate=\"firing\",service={service},severity=~\"P1|P2\"}}) or vector(0)"
        ),
    }
}

/// Values of a label of `target_info`, by which the program says who it is.
pub(super) fn who(manifest: &Manifest, more: &str, label: &str) -> String {
    let service = literal(&string(&manifest.service.name));
    format!("label_values(target_info{{service_name={service}{more}}}, {label})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_labels_are_no_variables() {
        let text = r#"a{job="$instance",f="$instance [[x]] \\[[\" job=\"$instance\" ${y}"}[$__rate_interval]"#;
        let expected = r#"a{instance=~"$instance",f="\x24instance [\x5bx]] \\[\x5b\" job=\"\x24instance\" \x24{y}"}[$__rate_interval]"#;
        assert_eq!(of_instances(text), expected);
    }

    #[test]
    fn a_string_that_ends_in_a_backslash_ends() {
        assert_eq!(literal(r#"a{b="\\"}[$w]"#), r#"a{b="\\"}[$w]"#);
    }
}
