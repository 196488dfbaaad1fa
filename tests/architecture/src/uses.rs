//! The names that `use` declarations introduce.

use syn::visit::Visit;
use syn::{Ident, Item, ItemUse, UseTree};

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
    let (path, name, span) = match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            aliases(&tree.tree, path, is_public, out);
            path.pop();
            return;
        }
        UseTree::Group(tree) => {
            for tree in &tree.items {
                aliases(tree, path, is_public, out);
            }
            return;
        }
        UseTree::Name(tree) => {
            let path = joined(path, &tree.ident);
            let name = path.last().cloned().unwrap_or_default();
            (path, name, tree.ident.span())
        }
        UseTree::Rename(tree) => (
            joined(path, &tree.ident),
            tree.rename.to_string(),
            tree.ident.span(),
        ),
        UseTree::Glob(tree) => (path.clone(), "*".to_owned(), tree.star_token.spans[0]),
    };
    out.push(Alias {
        name,
        path,
        line: span.start().line,
        is_public,
        is_test: false,
    });
}

/// The path of a name within another path; `self` is that path itself.
fn joined(path: &[String], name: &Ident) -> Vec<String> {
    let mut path = path.to_vec();
    if name != "self" {
        path.push(name.to_string());
    }
    path
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
