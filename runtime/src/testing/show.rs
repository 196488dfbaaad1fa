//! Captured items as text.

use super::items::{Event, Item, Span};
use crate::base::text::{escape, tree};
use crate::model::outcome::Outcome;
use std::collections::HashMap;
use std::fmt::{self, Write};

/// Draws the tree of the spans, with the events in them.
pub(super) fn tree(items: &[Item]) -> String {
    let ids = items.iter().filter_map(|item| match item {
        Item::Span(span) => Some(span.span_id),
        _ => None,
    });
    let known: std::collections::HashSet<u64> = ids.collect();
    let parent = |id: u64| if known.contains(&id) { id } else { 0 };
    let mut children: HashMap<u64, Vec<&Item>> = HashMap::new();
    for item in items {
        let parent = match item {
            Item::Span(span) => parent(span.parent_id),
            Item::Event(event) => parent(event.span_id),
            _ => continue,
        };
        children.entry(parent).or_default().push(item);
    }
    let mut lines = Vec::new();
    // An explicit stack: captured calls may be nested more deeply than the stack of this thread allows.
    let mut next: Vec<(usize, &Item)> = Vec::new();
    let push = |next: &mut Vec<_>, depth, of: Option<Vec<_>>| {
        next.extend(of.into_iter().flatten().rev().map(|item| (depth, item)));
    };
    push(&mut next, 0, children.remove(&0));
    while let Some((depth, item)) = next.pop() {
        match item {
            Item::Span(span) => {
                lines.push((depth, span_line(span)));
                push(&mut next, depth + 1, children.remove(&span.span_id));
            }
            Item::Event(event) => lines.push((depth, event_line(event))),
            _ => {}
        }
    }
    tree::draw(&lines)
}

pub(super) fn fields(line: &mut String, fields: &[(String, String)]) {
    for (name, value) in fields {
        line.push(' ');
        escape::text(line, name);
        line.push('=');
        escape::word(line, value);
    }
}

fn span_line(span: &Span) -> String {
    let mut line = String::new();
    escape::text(&mut line, &span.name);
    fields(&mut line, &span.fields);
    match (span.outcome, span.ended) {
        (Some(Outcome::Error), _) => drop(write!(line, " error({})", span.error)),
        (Some(outcome), _) => drop(write!(line, " {outcome}")),
        (None, true) => {}
        (None, false) => line.push_str(" (running)"),
    }
    line
}

fn event_line(event: &Event) -> String {
    let mut line = format!("• {}", event.name);
    fields(&mut line, &event.fields);
    line
}

pub(super) fn list<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    items: impl IntoIterator<Item = T>,
) -> fmt::Result {
    writeln!(f, "{name}:")?;
    for item in items {
        writeln!(f, "  {item}")?;
    }
    Ok(())
}
