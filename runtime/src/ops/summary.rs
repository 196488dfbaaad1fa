//! The summary of a run, as text.

use super::figures::{Figures, Function, error_percent};
use super::numbers::{amount, whole};
use crate::base::text::{escape, time};
use crate::model::outcome::Outcome;
use std::fmt::Write;

/// Functions shown; the others are counted in one line.
const MAX_FUNCTIONS: usize = 40;
/// Lines shown of each other section.
const MAX_LINES: usize = 60;

/// Returns a summary of the run so far, for people to read.
///
/// It lists annotated functions by total duration, with their calls, outcomes and percentiles; errors by kind; business
/// events with the sums of their measures; the metrics of the catalog; and the number of records that were dropped.
///
/// After [`init`](crate::init) with pretty logs, it is also printed when the program ends. Without `init()` it is empty, as
/// the application's own recorder receives the numbers.
///
/// ```
/// println!("{}", instrumental::summary());
/// ```
#[must_use]
pub fn summary() -> String {
    render(&Figures::of(&crate::collect::store::snapshot::samples()))
}

fn render(figures: &Figures) -> String {
    let mut out = String::from("Summary");
    if figures.functions.is_empty() && figures.events.is_empty() && figures.metrics.is_empty() {
        out.push_str(": nothing was recorded");
    }
    functions(&mut out, &figures.functions);
    let errors = figures.errors.iter();
    let errors = errors.map(|error| {
        let function = full_name(error.function, error.module, &figures.functions);
        let name = format!("{} {}", escaped(&function), escaped(&error.error));
        (name, whole(error.count))
    });
    section(&mut out, "Errors", errors.collect());
    let events = figures.events.iter().map(|event| {
        let sums = event.sums.iter();
        let sums = sums.map(|(name, sum, unit)| format!(", {name} {}", amount(*sum, unit)));
        let text = whole(event.count) + &sums.collect::<String>();
        (event.name.to_owned(), text)
    });
    section(&mut out, "Business events", events.collect());
    section(&mut out, "Metrics", figures.metrics.clone());
    let dropped = figures.dropped.iter();
    let dropped = dropped.map(|(reason, count)| ((*reason).to_owned(), whole(*count)));
    section(&mut out, "Lost", dropped.collect());
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape::text(&mut out, text);
    out
}

/// Writes the table of functions.
fn functions(out: &mut String, functions: &[Function]) {
    if functions.is_empty() {
        return;
    }
    let head = [
        "function",
        "calls",
        "errors",
        "cancelled",
        "panicked",
        "p50",
        "p95",
        "p99",
        "total",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    let shown = functions.iter().take(MAX_FUNCTIONS);
    rows.extend(shown.map(|function| row(function, functions)));
    let mut widths = [0; 9];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in &rows {
        let mut line = format!("\n  {:<1$}", row[0], widths[0]);
        for (cell, width) in row.iter().zip(widths).skip(1) {
            // Writing to a `String` cannot fail.
            let _ = write!(line, "  {cell:>width$}");
        }
        out.push_str(line.trim_end());
    }
    more(out, functions.len(), MAX_FUNCTIONS, "functions");
}

fn row(function: &Function, all: &[Function]) -> [String; 9] {
    let of = |outcome: Outcome| whole(function.outcomes[outcome as usize]);
    let [p50, p95, p99] = function.quantiles.map(time::seconds);
    let errors = match error_percent(function) {
        0.0 => "0%".to_owned(),
        percent => format!("{percent:.1}%"),
    };
    [
        escaped(&full_name(function.name, function.module, all)),
        whole(function.calls()),
        errors,
        of(Outcome::Cancelled),
        of(Outcome::Panicked),
        p50,
        p95,
        p99,
        time::seconds(function.total),
    ]
}

/// Returns the name of a function, preceded by its module if another function has the same name.
fn full_name(name: &str, module: &str, all: &[Function]) -> String {
    let same = all.iter().filter(|other| other.name == name);
    match module.rsplit("::").next() {
        Some(module) if same.count() > 1 => format!("{module}::{name}"),
        _ => name.to_owned(),
    }
}

fn section(out: &mut String, title: &str, lines: Vec<(String, String)>) {
    if lines.is_empty() {
        return;
    }
    let shown = lines.iter().take(MAX_LINES);
    let width = shown.clone().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or(0);
    let _ = write!(out, "\n\n{title}");
    for (name, value) in shown {
        let _ = write!(out, "\n  {name:<width$}  {value}");
    }
    more(out, lines.len(), MAX_LINES, "lines");
}

fn more(out: &mut String, all: usize, shown: usize, what: &str) {
    if all > shown {
        let _ = write!(out, "\n  … {} more {what}", all - shown);
    }
}

#[cfg(test)]
mod tests {
    use super::super::figures::{ErrorCount, EventTotals};
    use super::*;

    #[test]
    fn numbers_are_formatted_by_unit() {
        assert_eq!(whole(0), "0");
        assert_eq!(whole(1_234_567), "1,234,567");
        assert_eq!(amount(234_500.5, "{USD}"), "234,500.50 USD");
        assert_eq!(amount(-1.0, ""), "-1");
        assert_eq!(amount(0.000_25, "1"), "2.500e-4");
        assert_eq!(amount(0.012, "s"), "12ms");
        assert_eq!(amount(2048.0, "By"), "2,048 B");
    }

    #[test]
    fn an_empty_summary() {
        assert_eq!(render(&Figures::default()), "Summary: nothing was recorded");
    }

    #[test]
    fn a_summary_has_every_section() {
        let function = |module, name, outcomes, total| Function {
            name,
            module,
            outcomes,
            quantiles: [0.012, 0.08, 1.2],
            total,
        };
        let figures = Figures {
            functions: vec![
                function("shop", "ContractService::release", [1165, 39, 4, 0], 16.2),
                function("shop", "notify", [3, 0, 0, 1], 0.036),
                function("shop::bids", "find", [3, 0, 0, 0], 0.01),
                function("shop::jobs", "find", [3, 0, 0, 0], 0.01),
            ],
            errors: vec![ErrorCount {
                function: "find",
                module: "shop::jobs",
                error: "not_found".into(),
                count: 39,
            }],
            events: vec![EventTotals {
                name: "payment.released",
                count: 156,
                sums: vec![("amount", 234_500.0, "{USD}"), ("fee", 35_175.25, "{USD}")],
            }],
            metrics: vec![("bids.open".into(), "12".into())],
            dropped: vec![("report_throttled", 34)],
        };
        assert_eq!(
            render(&figures),
            "\
Summary
  function                  calls  errors  cancelled  panicked   p50   p95    p99  total
  ContractService::release  1,208    3.2%          4         0  12ms  80ms  1.20s  16.2s
  notify                        4      0%          0         1  12ms  80ms  1.20s   36ms
  bids::find                    3      0%          0         0  12ms  80ms  1.20s   10ms
  jobs::find                    3      0%          0         0  12ms  80ms  1.20s   10ms

Errors
  jobs::find not_found  39

Business events
  payment.released  156, amount 234,500 USD, fee 35,175.25 USD

Metrics
  bids.open  12

Lost
  report_throttled  34"
        );
    }
}
