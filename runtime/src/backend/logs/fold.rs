//! Folding of repeated calls: many siblings of the same name become one line.

use super::rows::Line;
use std::collections::HashMap;

/// Siblings of the same name that are shown. The others are folded if there are more than two.
const SIBLINGS: usize = 3;
/// Failed or cancelled siblings beyond the first [`SIBLINGS`] that are shown nevertheless.
const NOTABLE_SIBLINGS: usize = 2;

/// Counts of the siblings of the same name.
#[derive(Default)]
struct Group {
    count: usize,
    shown: usize,
    notable: usize,
    /// The position of the folded line, once there is one.
    folded: Option<usize>,
}

/// Folds many siblings of the same name into one line.
pub(super) fn fold(lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let mut groups: HashMap<&str, Group> = HashMap::new();
    for line in &lines {
        if let Line::Span(row) = line {
            groups.entry(&row.name).or_default().count += 1;
        }
    }
    let mut shown = Vec::new();
    for line in lines {
        let Line::Span(row) = line else {
            shown.push(line);
            continue;
        };
        let group = groups.entry(&row.name).or_default();
        let notable = row.notable;
        if group.count <= SIBLINGS + 2 || group.shown < SIBLINGS {
            group.shown += 1;
            shown.push(line);
        } else if notable && group.notable < NOTABLE_SIBLINGS {
            group.notable += 1;
            shown.push(line);
        } else if let Some(Line::Folded { count, total, .. }) =
            group.folded.and_then(|at| shown.get_mut(at))
        {
            *count += 1;
            *total += row.duration;
        } else {
            group.folded = Some(shown.len());
            shown.push(Line::Folded {
                name: &row.name,
                count: 1,
                total: row.duration,
            });
        }
    }
    shown
}
