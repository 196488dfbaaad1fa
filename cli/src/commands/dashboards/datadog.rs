//! Dashboards in the format of Datadog's API (`POST /api/v1/dashboard`, or "Import dashboard JSON").

use super::datadog_query::{Request, ask, live_span};
use super::layout::{Size, flow};
use super::panel::{Dashboard, Limit, Panel, Section, Source, Unit, View};
use super::text::{markdown, plain};
use crate::error::Error;
use crate::query;
use instrumental_manifest::{Manifest, Query, Severity};
use serde_json::{Value, json};

const COLUMNS: u32 = 12;

/// Returns the JSON of a dashboard. It has no id: an import creates a new one, and a `PUT` to an id replaces that one.
pub(super) fn render(manifest: &Manifest, dashboard: &Dashboard) -> Result<Value, Error> {
    let service = plain(&manifest.service.name);
    let variable = |name: &str| json!({"name": name, "prefix": name, "available_values": [], "defaults": ["*"]});
    let (first, mut y) = note(manifest, dashboard);
    let mut widgets = vec![first];
    for section in &dashboard.sections {
        if let Some((widget, height)) = group(manifest, section, y)? {
            widgets.push(widget);
            y += height;
        }
    }
    Ok(json!({
        "title": format!("{service}: {}", plain(&dashboard.title)),
        "description": markdown(&dashboard.about),
        "layout_type": "ordered",
        "reflow_type": "fixed",
        "template_variables": [variable("env"), variable("version")],
        "widgets": widgets,
    }))
}

fn place(x: u32, y: u32, width: u32, height: u32) -> Value {
    json!({"x": x, "y": y, "width": width, "height": height})
}

/// Returns a note about the dashboard, with a link to the others.
fn note(manifest: &Manifest, dashboard: &Dashboard) -> (Value, u32) {
    let mut lines = vec![markdown(&dashboard.about)];
    let sections = || {
        dashboard
            .sections
            .iter()
            .flat_map(|section| &section.panels)
    };
    let mut quantiles: Vec<_> = sections()
        .flat_map(Panel::queries)
        .filter_map(|query| match query {
            Query::Quantile { of, .. } => query::metric(manifest, &of.metric).ok(),
            _ => None,
        })
        .map(|metric| markdown(&metric.datadog))
        .collect();
    quantiles.sort_unstable();
    quantiles.dedup();
    if !quantiles.is_empty() {
        lines.push(format!(
            "Percentiles require a setting of the distributions (Metrics Summary): {}.",
            quantiles.join(", ")
        ));
    }
    if sections().any(|panel| {
        panel
            .series
            .iter()
            .any(|series| matches!(series.source, Source::Uptime))
    }) {
        lines.push("Uptime is the ratio of minutes in which the service reported metrics.".into());
    }
    let search: String = manifest.service.name.bytes().map(escape).collect();
    lines.push(format!(
        "[Other dashboards of this service](/dashboard/lists?q={search})"
    ));
    let height = 1 + lines.len() as u32 / 2;
    let definition = json!({
        "type": "note", "content": lines.join("\n\n"), "background_color": "white", "font_size": "14",
        "text_align": "left", "vertical_align": "top", "show_tick": false, "tick_pos": "50%", "tick_edge": "left",
        "has_padding": true,
    });
    (
        json!({"definition": definition, "layout": place(0, 0, COLUMNS, height)}),
        height,
    )
}

/// Encodes a byte of a URL's query.
fn escape(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
}

/// Returns a section with its widgets and its height, or `None` if Datadog supports none of them.
fn group(manifest: &Manifest, section: &Section, y: u32) -> Result<Option<(Value, u32)>, Error> {
    let mut definitions = Vec::new();
    for panel in &section.panels {
        if let Some(definition) = widget(manifest, panel)? {
            definitions.push((size(panel.view), definition));
        }
    }
    if definitions.is_empty() {
        return Ok(None);
    }
    let sizes: Vec<_> = definitions.iter().map(|(size, _)| *size).collect();
    let (spots, inner) = flow(&sizes, COLUMNS);
    let widgets: Vec<_> = definitions
        .into_iter()
        .zip(spots)
        .map(|((size, definition), spot)| json!({"definition": definition, "layout": place(spot.x, spot.y, size.width, size.height)}))
        .collect();
    let definition = json!({
        "type": "group", "layout_type": "ordered", "title": plain(&section.title), "show_title": true, "widgets": widgets,
    });
    // The group's title needs a line.
    let height = inner + 1;
    let widget = json!({"definition": definition, "layout": place(0, y, COLUMNS, height)});
    Ok(Some((widget, height)))
}

fn size(view: View) -> Size {
    let (width, height) = match view {
        View::Number | View::Status => (2, 2),
        View::Lines => (6, 3),
        View::Highest => (4, 3),
        View::Firing => (12, 3),
    };
    Size { width, height }
}

fn widget(manifest: &Manifest, panel: &Panel) -> Result<Option<Value>, Error> {
    if panel
        .series
        .iter()
        .any(|series| matches!(series.source, Source::Firing))
    {
        return Ok(Some(monitors(manifest, panel)));
    }
    let mut requests = Vec::new();
    for series in &panel.series {
        if let Some(asked) = ask(manifest, panel, series)? {
            requests.push(request(panel, asked, &series.legend));
        }
    }
    if requests.is_empty() {
        return Ok(None);
    }
    let kind = match panel.view {
        View::Lines => "timeseries",
        View::Highest => "toplist",
        _ => "query_value",
    };
    let mut definition = json!({"type": kind, "title": plain(&panel.title), "requests": requests});
    let about = about(panel);
    if !about.is_empty() {
        definition["description"] = json!(about);
    }
    if let Some(span) = live_span(panel) {
        definition["time"] = json!({"live_span": span});
    }
    match panel.view {
        View::Lines => {
            definition["show_legend"] = json!(true);
            definition["legend_layout"] = json!("auto");
            let markers: Vec<_> = panel
                .limits
                .iter()
                .map(|limit| marker(panel, limit))
                .collect();
            definition["markers"] = json!(markers);
        }
        View::Highest => {}
        _ => {
            definition["autoscale"] = json!(true);
            definition["precision"] = json!(if counts(panel) { 0 } else { 2 });
        }
    }
    Ok(Some(definition))
}

fn counts(panel: &Panel) -> bool {
    panel
        .queries()
        .any(|query| matches!(query, Query::Increase { .. }))
}

fn about(panel: &Panel) -> String {
    let about: Vec<_> = panel.about.iter().map(|text| markdown(text)).collect();
    about.join(" ")
}

/// Returns Datadog's own list of the service's monitors.
fn monitors(manifest: &Manifest, panel: &Panel) -> Value {
    let tag = query::datadog::tag("service", &manifest.service.name);
    // The tags that `cargo instrumental alerts` gives its monitors.
    let which = match panel.view {
        View::Firing => "status:alert",
        _ => "tag:(\"severity:p1\" OR \"severity:p2\")",
    };
    json!({
        "type": "manage_status",
        "title": plain(&panel.title),
        "description": about(panel),
        "query": format!("tag:\"{tag}\" {which}"),
        "summary_type": "monitors",
        "display_format": if panel.view == View::Firing { "list" } else { "counts" },
        "color_preference": "background",
        "hide_zero_counts": false,
        "show_last_triggered": true,
        "show_priority": true,
        "sort": "status,asc",
    })
}

fn request(panel: &Panel, asked: Request, legend: &str) -> Value {
    let factor = factor(&panel.unit);
    let formula = match factor == 1.0 {
        true => asked.formula,
        false => format!("({}) * {factor}", asked.formula),
    };
    let mut formula = json!({"formula": formula});
    let legend = plain(legend);
    if !legend.is_empty() {
        formula["alias"] = json!(legend);
    }
    if let Some(unit) = unit(&panel.unit) {
        formula["number_format"] = json!({"unit": unit});
    }
    if panel.view == View::Highest {
        formula["limit"] = json!({"count": 10, "order": "desc"});
    }
    let lines = panel.view == View::Lines;
    let mut request = json!({
        "response_format": if lines { "timeseries" } else { "scalar" },
        "queries": asked.queries,
        "formulas": [formula],
    });
    if lines {
        request["display_type"] = json!("line");
        request["style"] =
            json!({"palette": "dog_classic", "line_type": "solid", "line_width": "normal"});
    } else if panel.view != View::Highest {
        request["conditional_formats"] = json!(formats(panel));
    }
    request
}

/// Returns the factor from the query to the displayed number: ratios are shown in percent.
fn factor(unit: &Unit) -> f64 {
    match unit {
        Unit::Part => 100.0,
        Unit::Of(code) if code == "1" => 100.0,
        _ => 1.0,
    }
}

fn unit(unit: &Unit) -> Option<Value> {
    let (name, per) = match unit {
        Unit::Part => ("percent", None),
        Unit::Requests => ("request", Some("second")),
        Unit::PerSecond => ("event", Some("second")),
        Unit::Of(code) => match code.as_str() {
            "s" => ("second", None),
            "ms" => ("millisecond", None),
            "By" => ("byte", None),
            "{USD}" => ("dollar", None),
            "{EUR}" => ("euro", None),
            "%" | "1" => ("percent", None),
            "/s" => ("event", Some("second")),
            _ => return None,
        },
    };
    let mut unit = json!({"type": "canonical_unit", "unit_name": name});
    if let Some(per) = per {
        unit["per_unit_name"] = json!(per);
    }
    Some(unit)
}

/// Returns the colors of a number, by the thresholds of its alerts, or by the error rate if the service declares no alerts.
fn formats(panel: &Panel) -> Vec<Value> {
    let format = |comparator: &str, value: f64, palette: &str| json!({"comparator": comparator, "value": value, "palette": palette});
    if panel.view == View::Status {
        return vec![
            format("<", 1.0, "white_on_green"),
            format("<", 5.0, "white_on_yellow"),
            format(">=", 5.0, "white_on_red"),
        ];
    }
    let factor = factor(&panel.unit);
    let mut limits: Vec<_> = panel.limits.iter().collect();
    // The first match wins, so the worst comes first.
    limits.sort_by_key(|limit| limit.severity);
    let each = limits.iter().map(|limit| {
        let comparator = if limit.above { ">" } else { "<" };
        let palette = match limit.severity {
            Severity::P1 | Severity::P2 => "white_on_red",
            _ => "white_on_yellow",
        };
        format(comparator, limit.at * factor, palette)
    });
    each.collect()
}

fn marker(panel: &Panel, limit: &Limit) -> Value {
    let colour = match limit.severity {
        Severity::P1 | Severity::P2 => "error",
        Severity::P3 => "warning",
        Severity::P4 => "info",
    };
    json!({
        "value": format!("y = {}", limit.at * factor(&panel.unit)),
        "display_type": format!("{colour} dashed"),
        "label": plain(&format!("{:?} {}", limit.severity, limit.alert)),
    })
}
