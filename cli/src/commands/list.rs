//! `list`: everything a program can report, as a table.

use crate::error::Error;
use crate::io;
use crate::session::Session;
use crate::table::{Table, Width};
use clap::{Args, ValueEnum};
use instrumental_manifest::{Alert, Event, Function, Manifest, Metric, Place};
use serde::Serialize;
use std::process::ExitCode;

/// Lists everything the program can report: functions, metrics, events and alerts.
///
/// On a terminal, long cells wrap. In a pipe, each entry is one line and nothing is cut.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  cargo instrumental list -p shop --kind metric payment")]
pub(crate) struct List {
    /// Only list entries with all of these words in the name, description, labels, owner or place.
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// Only list entries of this kind.
    #[arg(long, value_enum)]
    kind: Option<EntryKind>,
    /// Only list what this team owns; `none` lists what has no owner.
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum EntryKind {
    Function,
    Metric,
    Event,
    Alert,
}

/// One entry.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    sort: EntryKind,
    name: &'a str,
    /// `function`, `counter`, `gauge`, `histogram`, `event`, or an alert's severity.
    kind: String,
    unit: &'a str,
    /// The labels of a metric, or the fields of a function or event.
    labels: Vec<&'a str>,
    owner: &'a str,
    help: &'a str,
    #[serde(flatten)]
    place: &'a Place,
}

impl List {
    pub(crate) fn run(&self, session: &Session) -> Result<ExitCode, Error> {
        let manifest = session.manifest()?;
        let entries = self.selected(&manifest);
        let text = match self.json {
            true => io::json(&entries)?,
            false => text(&entries, Width::of_stdout()),
        };
        io::print(&text)?;
        Ok(ExitCode::SUCCESS)
    }

    fn selected<'a>(&self, manifest: &'a Manifest) -> Vec<Entry<'a>> {
        let all = entries(manifest).into_iter();
        all.filter(|entry| self.selects(entry)).collect()
    }

    fn selects(&self, entry: &Entry<'_>) -> bool {
        let owned = self.owner.as_deref().is_none_or(|owner| {
            owner.eq_ignore_ascii_case(entry.owner) || (owner == "none" && entry.owner.is_empty())
        });
        if !owned || self.kind.is_some_and(|kind| kind != entry.sort) {
            return false;
        }
        let labels = entry.labels.join(" ");
        let place = entry.place;
        let texts = [
            entry.name,
            entry.help,
            &entry.kind,
            entry.owner,
            &labels,
            &place.file,
            &place.module,
        ];
        let texts = texts.map(str::to_lowercase);
        self.words.iter().all(|word| {
            let word = word.to_lowercase();
            texts.iter().any(|text| text.contains(&word))
        })
    }
}

fn text(entries: &[Entry<'_>], width: Width) -> String {
    if entries.is_empty() {
        return "no entry matches\n".into();
    }
    let header = [
        "NAME",
        "KIND",
        "UNIT",
        "LABELS OR FIELDS",
        "OWNER",
        "SOURCE",
    ];
    let mut table = Table::new(&header, &[]);
    for entry in entries {
        table.add(vec![
            entry.name.to_owned(),
            entry.kind.clone(),
            entry.unit.to_owned(),
            entry.labels.join(", "),
            entry.owner.to_owned(),
            entry.place.source(),
        ]);
    }
    table.render(width)
}

fn entries(manifest: &Manifest) -> Vec<Entry<'_>> {
    let functions = manifest.functions.iter().map(of_function);
    let metrics = manifest.metrics.iter().map(of_metric);
    let events = manifest.events.iter().map(of_event);
    let alerts = manifest.alerts.iter().map(of_alert);
    functions
        .chain(metrics)
        .chain(events)
        .chain(alerts)
        .collect()
}

fn of_function(function: &Function) -> Entry<'_> {
    Entry {
        sort: EntryKind::Function,
        name: &function.name,
        kind: "function".into(),
        unit: "",
        labels: function.fields.iter().map(String::as_str).collect(),
        owner: &function.owner,
        help: "",
        place: &function.place,
    }
}

fn of_metric(metric: &Metric) -> Entry<'_> {
    let labels = metric.labels.iter();
    Entry {
        sort: EntryKind::Metric,
        name: &metric.name,
        kind: metric.kind.as_str().into(),
        unit: &metric.unit,
        labels: labels.map(|label| label.name.as_str()).collect(),
        owner: &metric.owner,
        help: &metric.help,
        place: &metric.place,
    }
}

fn of_event(event: &Event) -> Entry<'_> {
    Entry {
        sort: EntryKind::Event,
        name: &event.name,
        kind: "event".into(),
        unit: "",
        labels: event.fields.iter().map(String::as_str).collect(),
        owner: &event.owner,
        help: &event.help,
        place: &event.place,
    }
}

fn of_alert(alert: &Alert) -> Entry<'_> {
    Entry {
        sort: EntryKind::Alert,
        name: &alert.name,
        kind: format!("alert {}", alert.severity),
        unit: "",
        labels: Vec::new(),
        owner: &alert.owner,
        help: &alert.summary,
        place: &alert.place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::parse;

    fn shop() -> Manifest {
        parse(include_str!("../../tests/data/shop.json"), "shop.json").expect("a manifest")
    }

    fn list(words: &[&str], kind: Option<EntryKind>, owner: Option<&str>) -> List {
        List {
            words: words.iter().map(|word| (*word).into()).collect(),
            kind,
            owner: owner.map(Into::into),
            json: false,
        }
    }

    fn names(list: &List, manifest: &Manifest) -> Vec<String> {
        let selected = list.selected(manifest);
        selected.iter().map(|entry| entry.name.to_owned()).collect()
    }

    #[test]
    fn entries_are_filtered_by_word_kind_and_owner() {
        let shop = shop();
        let all = names(&list(&[], None, None), &shop);
        let expected =
            shop.functions.len() + shop.metrics.len() + shop.events.len() + shop.alerts.len();
        assert_eq!(all.len(), expected);
        let metrics = names(&list(&["BIDS"], Some(EntryKind::Metric), None), &shop);
        assert_eq!(metrics, ["bids.submitted", "bids.response_time"]);
        let both = names(&list(&["bids", "histogram"], None, None), &shop);
        assert_eq!(both, ["bids.response_time"]);
        let owned = names(&list(&[], Some(EntryKind::Event), Some("payments")), &shop);
        assert_eq!(owned, ["payment.released", "payment.failed"]);
        let without_owner = names(&list(&[], Some(EntryKind::Function), Some("none")), &shop);
        assert_eq!(without_owner, ["create", "NotificationService::send"]);
    }

    #[test]
    fn a_line_has_name_kind_unit_labels_owner_and_place() {
        let shop = shop();
        let list = list(&["payment.released.amount"], Some(EntryKind::Metric), None);
        let text = text(&list.selected(&shop), Width::Columns(100));
        let line = text.lines().nth(1).expect("a line");
        let cells: Vec<_> = line.split_whitespace().collect();
        assert_eq!(
            cells,
            [
                "payment.released.amount",
                "histogram",
                "{USD}",
                "trade",
                "payments",
                "src/signals.rs:60"
            ]
        );
    }

    #[test]
    fn control_characters_do_not_break_a_line() {
        let mut shop = shop();
        shop.metrics[0].name = "evil\u{1b}[2J\nname".into();
        let list = list(&["evil"], None, None);
        let text = text(&list.selected(&shop), Width::Columns(100));
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn json_has_the_place_and_the_kind() {
        let shop = shop();
        let list = list(&["high_latency"], None, None);
        let text = io::json(&list.selected(&shop)).expect("JSON");
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value[0]["sort"], "alert");
        assert_eq!(value[0]["kind"], "alert P2");
        assert_eq!(value[0]["file"], "src/alerts.rs");
        assert_eq!(value[0]["line"], 30);
    }
}
