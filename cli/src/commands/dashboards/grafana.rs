//! Dashboards in the classic JSON model of Grafana, for a Prometheus data source.

use super::layout::{Size, flow};
use super::panel::{Dashboard, Limit, Over, Panel, Series, Source, Unit, View};
use super::promql;
use super::text::{hash, markdown, plain, uid};
use crate::error::Error;
use instrumental_manifest::{Manifest, Severity};
use serde_json::{Value, json};

/// The version of the JSON model, which newer versions of Grafana migrate when they load a dashboard.
const SCHEMA: u32 = 39;
const COLUMNS: u32 = 24;

/// Returns the JSON of a dashboard. `datasource` is the uid of a Prometheus data source; without it, a variable selects
/// one.
pub(super) fn render(
    manifest: &Manifest,
    dashboard: &Dashboard,
    datasource: Option<&str>,
) -> Result<Value, Error> {
    let service = plain(&manifest.service.name);
    let source = json!({"type": "prometheus", "uid": datasource.unwrap_or("${datasource}")});
    let tag = format!("service:{service}");
    Ok(json!({
        "uid": uid(&manifest.service.name, &dashboard.key),
        "title": format!("{service}: {}", plain(&dashboard.title)),
        "description": markdown(&dashboard.about),
        "tags": ["instrumental", tag],
        "editable": true,
        "graphTooltip": 1,
        "schemaVersion": SCHEMA,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": []},
        "links": [link(&service, &tag)],
        "templating": {"list": variables(manifest, &source, datasource.is_none())},
        "panels": panels(manifest, dashboard, &source)?,
    }))
}

/// Returns a menu of the service's other dashboards, which have the same tag.
fn link(service: &str, tag: &str) -> Value {
    json!({
        "type": "dashboards", "title": format!("Dashboards of {service}"), "tags": ["instrumental", tag],
        "asDropdown": true, "includeVars": true, "keepTime": true, "targetBlank": false,
        "icon": "external link", "tooltip": "", "url": "",
    })
}

fn variables(manifest: &Manifest, source: &Value, choose: bool) -> Vec<Value> {
    let variable = |name: &str, label: &str, query: String| {
        json!({
            "type": "query", "name": name, "label": label, "datasource": source,
            "query": {"query": query, "refId": name},
            "refresh": 2, "sort": 1, "multi": true, "includeAll": true,
            "current": {"selected": true, "text": ["All"], "value": ["$__all"]}, "options": [],
        })
    };
    let data = json!({
        "type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "refresh": 1,
        "multi": false, "includeAll": false, "options": [],
    });
    let within = ",deployment_environment_name=~\"$environment\"";
    let environment = promql::who(manifest, "", "deployment_environment_name");
    let mut variables: Vec<_> = choose.then_some(data).into_iter().collect();
    variables.push(variable("environment", "Environment", environment));
    variables.push(variable(
        "instance",
        "Instance",
        promql::who(manifest, within, "instance"),
    ));
    variables
}

/// Returns a row for each section, with its panels below it.
fn panels(manifest: &Manifest, dashboard: &Dashboard, source: &Value) -> Result<Vec<Value>, Error> {
    let mut all = Vec::new();
    let mut ids = Vec::new();
    let mut y = 0;
    for section in &dashboard.sections {
        let id = id(&mut ids, &format!("{}/{}", dashboard.key, section.title));
        all.push(json!({
            "type": "row", "id": id, "title": plain(&section.title), "collapsed": false, "panels": [],
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
        }));
        y += 1;
        let sizes: Vec<_> = section
            .panels
            .iter()
            .map(|panel| size(panel.view))
            .collect();
        let (spots, height) = flow(&sizes, COLUMNS);
        for (drawn, spot) in section.panels.iter().zip(spots) {
            let mut value = panel(manifest, drawn, source)?;
            let key = format!("{}/{}/{}", dashboard.key, section.title, drawn.title);
            value["id"] = json!(self::id(&mut ids, &key));
            value["gridPos"] =
                json!({"x": spot.x, "y": y + spot.y, "w": spot.size.width, "h": spot.size.height});
            all.push(value);
        }
        y += height;
    }
    Ok(all)
}

/// Returns an id that depends only on the name of the panel, so links to a panel that moves remain valid.
fn id(taken: &mut Vec<u32>, key: &str) -> u32 {
    // Grafana requires a positive number in 32 bits with a sign.
    let mut id = (hash(key) & 0x3fff_ffff) as u32 + 1;
    while taken.contains(&id) {
        id += 1;
    }
    taken.push(id);
    id
}

fn size(view: View) -> Size {
    let (width, height) = match view {
        View::Number | View::Status => (4, 4),
        View::Lines => (12, 8),
        View::Highest => (8, 8),
        View::Firing => (24, 7),
    };
    Size { width, height }
}

fn panel(manifest: &Manifest, panel: &Panel, source: &Value) -> Result<Value, Error> {
    let mut targets = Vec::new();
    for (at, series) in panel.series.iter().enumerate() {
        targets.push(target(manifest, panel, series, at, source)?);
    }
    let (kind, options) = match panel.view {
        View::Number | View::Status => ("stat", number_options(panel)),
        View::Lines => ("timeseries", lines_options()),
        View::Highest => ("bargauge", highest_options()),
        View::Firing => (
            "table",
            json!({"showHeader": true, "frameIndex": 0, "cellHeight": "sm"}),
        ),
    };
    let about: Vec<_> = panel.about.iter().map(|text| markdown(text)).collect();
    let mut value = json!({
        "type": kind,
        "title": plain(&panel.title),
        "description": about.join("\n\n"),
        "datasource": source,
        "targets": targets,
        "options": options,
        "fieldConfig": {"defaults": defaults(panel), "overrides": []},
    });
    if panel.view == View::Firing {
        value["transformations"] = json!([organize()]);
    }
    Ok(value)
}

fn target(
    manifest: &Manifest,
    panel: &Panel,
    series: &Series,
    at: usize,
    source: &Value,
) -> Result<Value, Error> {
    let range = panel.view == View::Lines;
    let table = panel.view == View::Firing;
    Ok(json!({
        "refId": letters(at),
        "datasource": source,
        "editorMode": "code",
        "expr": promql::expression(manifest, panel, series)?,
        "format": if table { "table" } else { "time_series" },
        "legendFormat": legend(manifest, series)?,
        "range": range,
        "instant": !range,
    }))
}

/// Returns `A` to `Z`, then `A1` and so on.
fn letters(at: usize) -> String {
    let letter = char::from(b'A' + (at % 26) as u8);
    match at / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    }
}

fn legend(manifest: &Manifest, series: &Series) -> Result<String, Error> {
    let mut parts: Vec<_> = Some(plain(&series.legend))
        .filter(|text| !text.is_empty())
        .into_iter()
        .collect();
    if let Source::Signal(query) = &series.source {
        for name in &series.by {
            let selections = crate::query::selections(query);
            let first = selections.first().map_or("", |selection| &selection.metric);
            let metric = crate::query::metric(manifest, first)?;
            parts.push(format!(
                "{{{{{}}}}}",
                crate::query::label(metric, name)?.prometheus
            ));
        }
    }
    Ok(parts.join(" "))
}

/// Hides the columns of the table that have no information.
fn organize() -> Value {
    let hidden = ["Time", "Value", "__name__", "alertstate", "service"];
    let hidden: serde_json::Map<_, _> = hidden
        .iter()
        .map(|name| ((*name).to_owned(), json!(true)))
        .collect();
    json!({"id": "organize", "options": {
        "excludeByName": hidden,
        "indexByName": {"severity": 0, "alertname": 1},
        "renameByName": {"severity": "Severity", "alertname": "Alert"},
    }})
}

fn reduce() -> Value {
    json!({"values": false, "calcs": ["lastNotNull"], "fields": ""})
}

fn number_options(panel: &Panel) -> Value {
    let coloured = panel.view == View::Status || !panel.limits.is_empty();
    json!({
        "colorMode": if panel.view == View::Status { "background" } else { "value" },
        "graphMode": "none",
        "justifyMode": if coloured { "center" } else { "auto" },
        "orientation": "auto",
        "percentChangeColorMode": "standard",
        "showPercentChange": false,
        "textMode": "value",
        "wideLayout": true,
        "reduceOptions": reduce(),
    })
}

fn lines_options() -> Value {
    json!({
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    })
}

fn highest_options() -> Value {
    json!({
        "displayMode": "gradient", "orientation": "horizontal", "namePlacement": "auto", "showUnfilled": true,
        "sizing": "auto", "valueMode": "color", "minVizHeight": 16, "minVizWidth": 8, "maxVizHeight": 300,
        "legend": {"calcs": [], "displayMode": "hidden", "placement": "right", "showLegend": false},
        "reduceOptions": reduce(),
    })
}

fn defaults(panel: &Panel) -> Value {
    let lines = panel.view == View::Lines;
    // A line that alerts below it has the color of the values above it, which are good.
    let style = match panel.limits.iter().any(|limit| !limit.above) {
        true => "dashed+area",
        false if panel.limits.is_empty() => "off",
        false => "dashed",
    };
    let mode = if lines {
        "palette-classic"
    } else {
        "thresholds"
    };
    let mut defaults = json!({
        "unit": unit(&panel.unit),
        "color": {"mode": mode},
        "mappings": if panel.view == View::Status { status(&panel.unit) } else { json!([]) },
        "thresholds": {"mode": "absolute", "steps": steps(panel)},
    });
    if panel.over == Over::Day && counts(panel) {
        defaults["decimals"] = json!(0);
    }
    if lines {
        defaults["custom"] = json!({
            "drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "auto", "spanNulls": false,
            "axisSoftMin": 0, "thresholdsStyle": {"mode": style},
        });
    }
    defaults
}

/// Whether a number is a count of events. Prometheus extrapolates, which makes it a fraction.
fn counts(panel: &Panel) -> bool {
    panel
        .queries()
        .any(|query| matches!(query, instrumental_manifest::Query::Increase { .. }))
}

/// Shows the status as a word instead of a number.
fn status(unit: &Unit) -> Value {
    let (well, degraded) = match unit {
        Unit::Part => (0.01, Some(0.05)),
        _ => (0.5, None),
    };
    let range = |from: Option<f64>, to: Option<f64>, text: &str, color: &str, index: u32| json!({"type": "range", "options": {"from": from, "to": to, "result": {"text": text, "color": color, "index": index}}});
    let mut all = vec![range(None, Some(well), "HEALTHY", "green", 0)];
    let worst = degraded.unwrap_or(well);
    if degraded.is_some() {
        all.push(range(Some(well), Some(worst), "DEGRADED", "orange", 1));
    }
    all.push(range(Some(worst), None, "UNHEALTHY", "red", 2));
    json!(all)
}

fn color(severity: Severity) -> &'static str {
    match severity {
        Severity::P1 => "red",
        Severity::P2 => "orange",
        Severity::P3 => "yellow",
        Severity::P4 => "blue",
    }
}

/// Returns the colors in ascending order: bad up to the thresholds of alerts on low values, good, and bad from the
/// thresholds of alerts on high values.
fn steps(panel: &Panel) -> Value {
    let sorted = |above: bool| {
        let mut limits: Vec<&Limit> = panel
            .limits
            .iter()
            .filter(|limit| limit.above == above)
            .collect();
        limits.sort_by(|a, b| a.at.total_cmp(&b.at));
        limits
    };
    let (low, high) = (sorted(false), sorted(true));
    let mut steps = Vec::new();
    let mut from = None;
    for limit in low {
        steps.push(json!({"value": from, "color": color(limit.severity)}));
        from = Some(limit.at);
    }
    steps.push(json!({"value": from, "color": "green"}));
    steps.extend(
        high.iter()
            .map(|limit| json!({"value": limit.at, "color": color(limit.severity)})),
    );
    json!(steps)
}

fn unit(unit: &Unit) -> String {
    match unit {
        Unit::Part => "percentunit",
        Unit::Requests => "reqps",
        Unit::PerSecond => "cps",
        Unit::Of(code) => match code.as_str() {
            "s" => "s",
            "ms" => "ms",
            "By" => "bytes",
            "{USD}" => "currencyUSD",
            "{EUR}" => "currencyEUR",
            "%" => "percent",
            "1" => "percentunit",
            "/s" => "cps",
            _ => "short",
        },
    }
    .into()
}
