//! Imports that point up, and files that import each other.

use crate::imports::Import;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The floors of the runtime, the lowest first: each imports only those before it.
pub const FLOORS: [&str; 14] = [
    "model",
    "base",
    "collect",
    "catalog",
    "__private",
    "classes",
    "alerts",
    "pipeline",
    "ops",
    "http",
    "testing",
    "backend",
    "setup",
    "",
];

/// The floors in the format of ARCHITECTURE.md.
#[must_use]
pub fn floors() -> String {
    FLOORS[..FLOORS.len() - 1].join(" <- ")
}

/// Describes the imports that point up.
#[must_use]
pub fn upward(imports: &[Import]) -> Vec<String> {
    let level = |floor: &str| FLOORS.iter().position(|known| *known == floor);
    let mut messages = Vec::new();
    for import in imports {
        let at = format!("{}:{}", import.from.display(), import.line);
        match (level(&import.from_floor), level(&import.to_floor)) {
            (Some(from), Some(to)) if to > from && !import.is_test => messages.push(format!(
                "{at}: `{}` belongs to {}, which is above `{}`: move the needed code down, move the function that needs it up, or pass an argument",
                import.path,
                if import.to_floor.is_empty() { "the crate's root" } else { &import.to_floor },
                import.from_floor,
            )),
            (Some(_), Some(_)) => {}
            (None, _) => messages.push(unknown(&at, &import.from_floor)),
            (_, None) => messages.push(unknown(&at, &import.to_floor)),
        }
    }
    messages
}

fn unknown(at: &str, floor: &str) -> String {
    format!("{at}: `{floor}` is not a known floor: add it to FLOORS and to ARCHITECTURE.md")
}

/// Describes the cycles of imports between files, one message for each group of files.
#[must_use]
pub fn cycles(imports: &[Import]) -> Vec<String> {
    let imports = imports.iter().filter(|import| !import.is_module);
    let mut edges: BTreeMap<&Path, BTreeMap<&Path, &Import>> = BTreeMap::new();
    for import in imports {
        let of_file = edges.entry(&import.from).or_default();
        of_file.entry(&import.to).or_insert(import);
    }
    let reach: BTreeMap<&Path, BTreeSet<&Path>> = edges
        .keys()
        .map(|file| (*file, reached(&edges, file)))
        .collect();
    let mut seen = BTreeSet::new();
    let mut messages = Vec::new();
    for (file, reached) in &reach {
        if !reached.contains(file) || seen.contains(file) {
            continue;
        }
        let leads_back = |other: &&&Path| {
            reach
                .get(**other)
                .is_some_and(|others| others.contains(file))
        };
        let cycle: BTreeSet<&Path> = reached.iter().filter(leads_back).copied().collect();
        messages.push(describe(&edges, &cycle));
        seen.extend(cycle);
    }
    messages
}

fn reached<'a>(
    edges: &BTreeMap<&'a Path, BTreeMap<&'a Path, &'a Import>>,
    from: &Path,
) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Path> = vec![from];
    while let Some(file) = next.pop() {
        for to in edges.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(*to) {
                next.push(to);
            }
        }
    }
    reached
}

fn describe(edges: &BTreeMap<&Path, BTreeMap<&Path, &Import>>, cycle: &BTreeSet<&Path>) -> String {
    let mut text = format!(
        "{} files import each other; move the shared code into a file that imports none of them:",
        cycle.len()
    );
    for file in cycle {
        for (to, import) in edges[file].iter().filter(|(to, _)| cycle.contains(*to)) {
            let place = PathBuf::from(file);
            text += &format!(
                "\n  {}:{} uses `{}` of {}",
                place.display(),
                import.line,
                import.path,
                to.display()
            );
        }
    }
    text
}
