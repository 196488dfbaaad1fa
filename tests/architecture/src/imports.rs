//! Who imports whom.

use crate::paths::{self, Used};
use crate::resolve::Named;
use crate::tree::{Id, Tree, attributes, is_test};
use crate::uses::Alias;
use std::path::PathBuf;

/// A path in one file that names what another defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The file that names it.
    pub from: PathBuf,
    /// Where.
    pub line: usize,
    /// The file that defines it.
    pub to: PathBuf,
    /// As it is written.
    pub path: String,
    /// The folder or file below the crate's root that `from` belongs to; empty: the root itself.
    pub from_floor: String,
    /// The same of `to`.
    pub to_floor: String,
    /// It names a module: what is used of it is an import of its own.
    pub is_module: bool,
    /// It is in code that only tests have.
    pub is_test: bool,
}

/// Every import of a crate, without those within a file.
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
        // What it brings in is an import where it is used.
        return;
    }
    let is_test = alias.is_test || tree.modules[from].is_test;
    let mut named = tree.resolve(from, &alias.path);
    if named.iter().any(|named| matches!(named, Named::Module(_))) {
        // It also names a function or macro of the module's name: where it is used, that shows.
        named.retain(|named| matches!(named, Named::Module(_)));
    }
    for named in named {
        let (Named::Item(to) | Named::Module(to)) = named;
        if alias.is_public && tree.is_within(to, from) {
            continue;
        }
        let is_module = matches!(named, Named::Module(_));
        found.push(import(
            tree,
            from,
            to,
            &alias.path,
            alias.line,
            is_module,
            is_test,
        ));
    }
}

fn of_code(tree: &Tree, from: Id, used: &Used, is_test: bool, found: &mut Vec<Import>) {
    let mut named = tree.resolve(from, &used.path);
    if let (true, true, [name]) = (used.is_macro, named.is_empty(), &used.path[..]) {
        named.extend(tree.macro_in_scope(from, name).map(Named::Item));
    }
    for named in named {
        if let Named::Item(to) = named {
            found.push(import(
                tree, from, to, &used.path, used.line, false, is_test,
            ));
        }
    }
}

fn import(
    tree: &Tree,
    from: Id,
    to: Id,
    path: &[String],
    line: usize,
    is_module: bool,
    is_test: bool,
) -> Import {
    Import {
        from: tree.modules[from].file.clone(),
        line,
        to: tree.modules[to].file.clone(),
        path: path.join("::"),
        from_floor: tree.floor(from),
        to_floor: tree.floor(to),
        is_module,
        is_test,
    }
}
