//! Many calls of one function are one line.

use super::rows::Line;
use std::collections::HashMap;

/// Siblings of one name that are shown; more, if more than two, are one line.
const SIBLINGS: usize = 3;
/// Failed ones among those that are shown all the same.
const FAILED_SIBLINGS: usize = 2;

/// What is known of siblings of one name.
#[derive(Default)]
struct Group {
    count: usize,
    shown: usize,
    failed: usize,
    /// Where its folded line stands, once there is one.
    folded: Option<usize>,
}

/// Makes one line of many siblings of one name.
pub(super) fn fold(lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let mut groups: HashMap<&str, Group> = HashMap::new();
    for line in &lines {
        if let Line::Span(row) = line {
            groups.entry(&row.name).or_default().count += 1;
        }
    }
    let mut kept = Vec::new();
    for line in lines {
        let Line::Span(row) = line else {
            kept.push(line);
            continue;
        };
        let group = groups.entry(&row.name).or_default();
        let failed = row.notable;
        if group.count <= SIBLINGS + 2 || group.shown < SIBLINGS {
            group.shown += 1;
            kept.push(line);
        } else if failed && group.failed < FAILED_SIBLINGS {
            group.failed += 1;
            kept.push(line);
        } else if let Some(Line::Folded { count, total, .. }) =
            group.folded.and_then(|at| kept.get_mut(at))
        {
            *count += 1;
            *total += row.duration;
        } else {
            group.folded = Some(kept.len());
            kept.push(Line::Folded {
                name: &row.name,
                count: 1,
                total: row.duration,
            });
        }
    }
    kept
}
