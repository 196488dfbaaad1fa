//! Resolves paths to the modules that define their items.

use crate::tree::{Id, Tree};
use std::collections::BTreeSet;

/// The target of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// A module.
    Module(Id),
    /// An item that this module defines.
    Item(Id),
}

/// Names being resolved, to detect cyclic imports.
type Pending = BTreeSet<(Id, String)>;

impl Tree {
    /// The targets of a path in a module: several if `cfg` chooses between them, none for a name of another crate.
    pub(crate) fn resolve(&self, from: Id, path: &[String]) -> Vec<Named> {
        self.path(from, path, &mut Pending::new())
    }

    fn path(&self, from: Id, path: &[String], pending: &mut Pending) -> Vec<Named> {
        let Some((first, rest)) = path.split_first() else {
            return vec![Named::Module(from)];
        };
        let parent = self.modules[from].parent;
        match first.as_str() {
            "crate" => self.within(0, rest, pending),
            "self" => self.within(from, rest, pending),
            "super" => parent.map_or_else(Vec::new, |parent| self.within(parent, rest, pending)),
            _ => self.follow(self.member(from, first, pending), rest, pending),
        }
    }

    /// Resolves a path within a module. An unknown name is assumed to be an item that a macro generates there.
    fn within(&self, module: Id, path: &[String], pending: &mut Pending) -> Vec<Named> {
        let Some((first, rest)) = path.split_first() else {
            return vec![Named::Module(module)];
        };
        if first == "super" || first == "self" {
            return self.path(module, path, pending);
        }
        let found = self.member(module, first, pending);
        let mut aliases = self.modules[module].aliases.iter();
        if found.is_empty() && aliases.any(|alias| alias.name == *first) {
            // The name belongs to another crate.
            return found;
        }
        match self.exported.get(first) {
            Some(&definer) if found.is_empty() && module == 0 => vec![Named::Item(definer)],
            _ if found.is_empty() => vec![Named::Item(module)],
            _ => self.follow(found, rest, pending),
        }
    }

    fn follow(&self, found: Vec<Named>, rest: &[String], pending: &mut Pending) -> Vec<Named> {
        let mut all = Vec::new();
        let is_module = |named: &Named| matches!(named, Named::Module(_));
        let has_module = found.iter().any(is_module);
        // A function or a macro may share the name of a module; the rest of the path belongs to the module.
        let found = found
            .into_iter()
            .filter(|named| rest.is_empty() || !has_module || is_module(named));
        for named in found {
            match named {
                Named::Module(module) => all.extend(self.within(module, rest, pending)),
                Named::Item(_) => all.push(named),
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Resolves a name in a module.
    fn member(&self, id: Id, name: &str, pending: &mut Pending) -> Vec<Named> {
        if !pending.insert((id, name.to_owned())) {
            return Vec::new();
        }
        let module = &self.modules[id];
        let mut found = Vec::new();
        if module.items.iter().any(|item| item == name) {
            found.push(Named::Item(id));
        }
        let children = module.children.iter().copied();
        found.extend(
            children
                .filter(|&c| self.modules[c].name == name)
                .map(Named::Module),
        );
        for alias in module.aliases.iter().filter(|alias| alias.name == name) {
            found.extend(self.path(id, &alias.path, pending));
        }
        if found.is_empty() {
            for glob in module.aliases.iter().filter(|alias| alias.name == "*") {
                for named in self.path(id, &glob.path, pending) {
                    if let Named::Module(module) = named {
                        found.extend(self.member(module, name, pending));
                    }
                }
            }
        }
        pending.remove(&(id, name.to_owned()));
        found
    }

    /// The innermost enclosing module that defines the `macro_rules!` of this name.
    pub(crate) fn macro_in_scope(&self, from: Id, name: &str) -> Option<Id> {
        let mut at = Some(from);
        while let Some(id) = at {
            if self.modules[id].macros.iter().any(|known| known == name) {
                return Some(id);
            }
            at = self.modules[id].parent;
        }
        None
    }
}
