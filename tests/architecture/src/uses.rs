//! The names that `use` declarations introduce.

use syn::visit::Visit;
use syn::{Item, ItemUse, UseTree};

/// A name that a `use` introduces.
pub(crate) struct Alias {
    /// The name, or `*` for a glob import.
    pub(crate) name: String,
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    pub(crate) is_public: bool,
    pub(crate) is_test: bool,
}

/// Collects the names that a `use` introduces.
pub(crate) fn aliases(
    tree: &UseTree,
    path: &mut Vec<String>,
    is_public: bool,
    out: &mut Vec<Alias>,
) {
    let mut add = |path: Vec<String>, name: String, line| {
        out.push(Alias {
            name,
            path,
            line,
            is_public,
            is_test: false,
        });
    };
    let joined = |path: &[String], last: String| [path, &[last]].concat();
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            aliases(&tree.tree, path, is_public, out);
            path.pop();
        }
        UseTree::Name(tree) if tree.ident == "self" => {
            let name = path.last().cloned().unwrap_or_default();
            add(path.clone(), name, tree.ident.span().start().line);
        }
        UseTree::Name(tree) => {
            let name = tree.ident.to_string();
            add(
                joined(path, name.clone()),
                name,
                tree.ident.span().start().line,
            );
        }
        UseTree::Rename(tree) => {
            let last = tree.ident.to_string();
            let path = if last == "self" {
                path.clone()
            } else {
                joined(path, last)
            };
            add(
                path,
                tree.rename.to_string(),
                tree.ident.span().start().line,
            );
        }
        UseTree::Glob(tree) => {
            add(
                path.clone(),
                "*".to_owned(),
                tree.star_token.spans[0].start().line,
            );
        }
        UseTree::Group(tree) => {
            for tree in &tree.items {
                aliases(tree, path, is_public, out);
            }
        }
    }
}

/// The `use` declarations in an item, including those in functions.
pub(crate) fn uses_within(item: &Item) -> Vec<ItemUse> {
    struct Uses(Vec<ItemUse>);
    impl<'ast> Visit<'ast> for Uses {
        fn visit_item_use(&mut self, item: &'ast ItemUse) {
            self.0.push(item.clone());
        }
    }
    let mut uses = Uses(Vec::new());
    uses.visit_item(item);
    uses.0
}
