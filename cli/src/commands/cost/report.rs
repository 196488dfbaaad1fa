//! The bill as a text.

use super::bill::{Contributor, DAY};
use super::estimate::Bill;
use super::usage::Usage;
use crate::describe::duration;
use crate::table::{Table, Width};
use crate::text::{bytes, escape, whole};
use std::fmt::Write as _;

pub(super) fn render(usage: &Usage, bill: &Bill, width: Width) -> String {
    let of = match bill.instances {
        1.0 => "one instance".to_owned(),
        n => format!("{} instances", whole(n)),
    };
    let mut out = format!(
        "Estimate for {of}, at the load of the measured {}.\n",
        duration(usage.seconds.round().max(1.0))
    );
    if usage.restarted {
        out.push_str("The service restarted in the meantime, so the estimate is too low.\n");
    }
    volumes(&mut out, usage, bill, width);
    lines(&mut out, bill, width);
    contributors(&mut out, bill, width);
    savings(&mut out, bill, width);
    out
}

fn section(out: &mut String, title: &str, table: Table, width: Width) {
    let _ = write!(out, "\n{title}\n");
    for line in table.render(width.indented(2)).lines() {
        let _ = writeln!(out, "  {line}");
    }
}

fn volumes(out: &mut String, usage: &Usage, bill: &Bill, width: Width) {
    let daily = DAY * bill.instances;
    let mut table = Table::new(
        &["backend", "signal", "items", "requests", "bytes"],
        &[2, 3, 4],
    );
    for (backend, signals) in &usage.flows {
        for (signal, flow) in signals {
            // A request with spans to Sentry is a transaction.
            let signal = match (backend.as_str(), signal.as_str()) {
                ("sentry", "spans") => "spans (requests: transactions)",
                (_, signal) => signal,
            };
            table.add(vec![
                backend.clone(),
                signal.into(),
                whole(flow.items() * daily),
                whole(flow.requests * daily),
                bytes(flow.bytes * daily),
            ]);
        }
    }
    if usage.flows.is_empty() {
        out.push_str(
            "\nThe page has no metrics of telemetry itself, so only series and calls are known.\n",
        );
    } else {
        section(out, "Per day", table, width);
    }
    let series: usize = usage.metrics.iter().map(|metric| metric.series).sum();
    let lines: usize = usage.metrics.iter().map(|metric| metric.lines).sum();
    let _ = writeln!(
        out,
        "  {} calls of annotated functions; {} metrics with {} combinations of labels, {} series in Prometheus",
        whole(usage.calls() * daily),
        whole(usage.metrics.len() as f64),
        whole(series as f64 * bill.instances),
        whole(lines as f64 * bill.instances)
    );
}

fn lines(out: &mut String, bill: &Bill, width: Width) {
    let mut table = Table::new(&["", "quantity", &escape(&bill.currency), ""], &[1, 2]);
    for line in &bill.lines {
        let quantity = match line.item.ends_with("gigabytes") {
            true => format!("{:.2}", line.quantity),
            false => whole(line.quantity),
        };
        let note = if line.is_on { "" } else { "off; would cost" };
        table.add(vec![
            line.what.into(),
            quantity,
            money(line.cost),
            note.into(),
        ]);
    }
    table.add(vec![
        "total".into(),
        String::new(),
        money(bill.total),
        String::new(),
    ]);
    section(out, "Per month, by the price file", table, width);
    if !bill.lines.iter().any(|line| line.item == "sentry_errors") {
        out.push_str("  Errors to Sentry are only counted if Sentry is on.\n");
    }
}

fn money(amount: f64) -> String {
    let cents = (amount * 100.0).round().abs();
    format!("{}.{:02.0}", whole((cents / 100.0).floor()), cents % 100.0)
}

fn contributors(out: &mut String, bill: &Bill, width: Width) {
    // Includes backends that are off, to show what they would cost.
    let currency = format!("{} per month with all on", escape(&bill.currency));
    let mut add =
        |title: &str, head: [&str; 4], right, all: &[Contributor], cell: fn(f64) -> String| {
            let columns = all.first().map_or(0, |contributor| contributor.more.len());
            let head: Vec<_> = head.into_iter().filter(|cell| !cell.is_empty()).collect();
            let mut names = head[..2 + columns].to_vec();
            names.push(&currency);
            let mut table = Table::new(&names, right);
            for contributor in all {
                let mut row = vec![contributor.name.clone(), cell(contributor.amount)];
                row.extend(contributor.more.iter().map(|number| whole(*number)));
                row.push(money(contributor.cost));
                table.add(row);
            }
            if !all.is_empty() {
                section(out, title, table, width);
            }
        };
    let head = ["function", "calls per day", "spans kept", "failed"];
    add(
        "Functions by cost",
        head,
        &[1, 2, 3, 4],
        &bill.functions,
        whole,
    );
    let head = ["target and level", "bytes per day", "", ""];
    add("Log lines by cost", head, &[1, 2], &bill.logs, bytes);
    let head = ["metric", "series", "in Prometheus", "in Datadog"];
    add("Metrics by cost", head, &[1, 2, 3, 4], &bill.metrics, whole);
}

fn savings(out: &mut String, bill: &Bill, width: Width) {
    if bill.savings.is_empty() {
        return;
    }
    let currency = escape(&bill.currency);
    let _ = write!(out, "\nPossible savings\n");
    for saving in &bill.savings {
        let what = escape(&saving.what);
        let mut saves = format!("{} {currency} per month", money(saving.saves));
        if saving.saves_off >= 0.005 {
            let _ = write!(
                saves,
                ", and {} of backends that are off",
                money(saving.saves_off)
            );
        }
        let _ = writeln!(out, "  {what}: {saves}");
        for line in wrap(&escape(&saving.detail), width.indented(4)) {
            let _ = writeln!(out, "    {line}");
        }
    }
}

/// Breaks a text into lines of at most the given width, at spaces.
fn wrap(text: &str, width: Width) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
        } else if width.is_exceeded_by(line.chars().count() + 1 + word.chars().count()) {
            lines.push(word.to_owned());
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines
}
