//! The imports between the files of a crate.

use crate::paths::{self, Used};
use crate::resolve::Named;
use crate::tree::{Id, Tree, attributes, is_test};
use crate::uses::Alias;
use std::path::PathBuf;

/// A path in one file that names an item of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The importing file.
    pub from: PathBuf,
    /// The line of the path.
    pub line: usize,
    /// The file that defines the item.
    pub to: PathBuf,
    /// The path as written.
    pub path: String,
    /// The folder or file below the crate's root that `from` belongs to; empty for the root itself.
    pub from_floor: String,
    /// The same for `to`.
    pub to_floor: String,
    /// Whether the path names a module. Uses of the module's items are separate imports.
    pub is_module: bool,
    /// Whether the path is in test code.
    pub is_test: bool,
}

/// Every import between the files of a crate.
#[must_use]
pub fn imports(tree: &Tree) -> Vec<Import> {
    let mut found = Vec::new();
    for id in 0..tree.modules.len() {
        let module = &tree.modules[id];
        for alias in &module.aliases {
            of_alias(tree, id, alias, &mut found);
        }
        for item in &module.syntax {
            let is_test = module.is_test || attributes(item).iter().any(is_test);
            for used in paths::of(item) {
                of_code(tree, id, &used, is_test, &mut found);
            }
        }
    }
    found.retain(|import| import.from != import.to);
    found.sort();
    found.dedup();
    found
}

fn of_alias(tree: &Tree, from: Id, alias: &Alias, found: &mut Vec<Import>) {
    if alias.name == "*" && !alias.is_public {
        // Uses of the imported names are separate imports.
        return;
    }
    let is_test = alias.is_test || tree.modules[from].is_test;
    let mut named = tree.resolve(from, &alias.path);
    if named.iter().any(|named| matches!(named, Named::Module(_))) {
        // Uses of a function or macro with the module's name are separate imports.
        named.retain(|named| matches!(named, Named::Module(_)));
    }
    for named in named {
        let (Named::Item(to) | Named::Module(to)) = named;
        if alias.is_public && tree.is_within(to, from) {
            continue;
        }
        let place = Place {
            path: &alias.path,
            line: alias.line,
            is_module: matches!(named, Named::Module(_)),
            is_test,
        };
        found.push(import(tree, from, to, &place));
    }
}

fn of_code(tree: &Tree, from: Id, used: &Used, is_test: bool, found: &mut Vec<Import>) {
    let mut named = tree.resolve(from, &used.path);
    if let (true, true, [name]) = (used.is_macro, named.is_empty(), &used.path[..]) {
        named.extend(tree.macro_in_scope(from, name).map(Named::Item));
    }
    for named in named {
        if let Named::Item(to) = named {
            let place = Place {
                path: &used.path,
                line: used.line,
                is_module: false,
                is_test,
            };
            found.push(import(tree, from, to, &place));
        }
    }
}

/// A path and where it is written.
struct Place<'a> {
    path: &'a [String],
    line: usize,
    is_module: bool,
    is_test: bool,
}

fn import(tree: &Tree, from: Id, to: Id, place: &Place<'_>) -> Import {
    Import {
        from: tree.modules[from].file.clone(),
        line: place.line,
        to: tree.modules[to].file.clone(),
        path: place.path.join("::"),
        from_floor: tree.floor(from),
        to_floor: tree.floor(to),
        is_module: place.is_module,
        is_test: place.is_test,
    }
}
