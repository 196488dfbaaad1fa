//! The modules of a crate with their files and items.

use crate::uses::{Alias, aliases, uses_within};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Item, ItemMod, ItemUse, Lit, Meta, Token, Visibility};

/// Access to source files.
pub trait Sources {
    /// The text of a file; `None` if there is none.
    fn read(&self, file: &Path) -> Option<String>;
}

/// Files below a folder.
impl Sources for PathBuf {
    fn read(&self, file: &Path) -> Option<String> {
        std::fs::read_to_string(self.join(file)).ok()
    }
}

/// Files in memory.
impl Sources for BTreeMap<PathBuf, String> {
    fn read(&self, file: &Path) -> Option<String> {
        self.get(file).cloned()
    }
}

/// The index of a module in its [`Tree`].
pub(crate) type Id = usize;

/// A module.
pub(crate) struct Module {
    pub(crate) parent: Option<Id>,
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    pub(crate) is_test: bool,
    /// May contain alternatives that `cfg` chooses between.
    pub(crate) children: Vec<Id>,
    /// The names of its items, including macros.
    pub(crate) items: Vec<String>,
    /// The names of its `macro_rules!`.
    pub(crate) macros: Vec<String>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) syntax: Vec<Item>,
}

/// The modules of a crate.
pub struct Tree {
    pub(crate) modules: Vec<Module>,
    /// Exported macros, with the module that defines each.
    pub(crate) exported: BTreeMap<String, Id>,
}

/// A module to be read.
struct Declared<'a> {
    parent: Option<Id>,
    name: &'a str,
    file: &'a Path,
    /// The folder of its children.
    folder: &'a Path,
    is_test: bool,
}

impl Tree {
    /// Reads a crate.
    ///
    /// # Panics
    /// A file is missing or is not Rust.
    pub fn read(sources: &dyn Sources, root: &Path) -> Self {
        let mut tree = Self {
            modules: Vec::new(),
            exported: BTreeMap::new(),
        };
        let folder = root.parent().unwrap_or(Path::new(""));
        let declared = Declared {
            parent: None,
            name: "crate",
            file: root,
            folder,
            is_test: false,
        };
        tree.file(sources, &declared);
        tree
    }

    fn file(&mut self, sources: &dyn Sources, declared: &Declared<'_>) {
        let file = declared.file;
        let text = sources.read(file);
        let text = text.unwrap_or_else(|| panic!("no file {}", file.display()));
        let parsed = syn::parse_file(&text);
        let parsed = parsed.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.module(sources, declared, parsed.items);
    }

    fn module(&mut self, sources: &dyn Sources, declared: &Declared<'_>, items: Vec<Item>) {
        let id = self.modules.len();
        if let Some(parent) = declared.parent {
            self.modules[parent].children.push(id);
        }
        let mut module = Module {
            parent: declared.parent,
            name: declared.name.to_owned(),
            file: declared.file.to_owned(),
            is_test: declared.is_test,
            children: Vec::new(),
            items: Vec::new(),
            macros: Vec::new(),
            aliases: Vec::new(),
            syntax: Vec::new(),
        };
        let mut below = Vec::new();
        for item in items {
            match item {
                Item::Mod(item) => below.push(item),
                item => {
                    self.declare(&mut module, &item, id);
                    module.syntax.push(item);
                }
            }
        }
        self.modules.push(module);
        for item in below {
            self.below(sources, id, declared, item);
        }
    }

    /// Reads a module declared in another.
    fn below(&mut self, sources: &dyn Sources, id: Id, parent: &Declared<'_>, item: ItemMod) {
        let name = item.ident.to_string();
        let inner = parent.folder.join(&name);
        let declared = Declared {
            parent: Some(id),
            name: &name,
            file: parent.file,
            folder: &inner,
            is_test: parent.is_test || item.attrs.iter().any(is_test),
        };
        if let Some((_, items)) = item.content {
            return self.module(sources, &declared, items);
        }
        let beside = parent.file.parent().unwrap_or(Path::new(""));
        if let Some(path) = item.attrs.iter().find_map(path_of) {
            // The children of such a file are next to it, as with `mod.rs`.
            let file = normalize(&beside.join(path));
            let folder = file.parent().unwrap_or(Path::new(""));
            let declared = Declared {
                file: &file,
                folder,
                ..declared
            };
            return self.file(sources, &declared);
        }
        let files = [
            parent.folder.join(format!("{name}.rs")),
            inner.join("mod.rs"),
        ];
        let file = files.iter().find(|file| sources.read(file).is_some());
        let file =
            file.unwrap_or_else(|| panic!("no file of mod {name} in {}", parent.folder.display()));
        self.file(sources, &Declared { file, ..declared });
    }

    fn declare(&mut self, module: &mut Module, item: &Item, id: Id) {
        for item in uses_within(item) {
            import(&item, module);
        }
        let name = match item {
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Static(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Union(item) => &item.ident,
            Item::Macro(item) => match &item.ident {
                Some(name) => {
                    module.macros.push(name.to_string());
                    if item.attrs.iter().any(|a| a.path().is_ident("macro_export")) {
                        self.exported.insert(name.to_string(), id);
                    }
                    name
                }
                None => return,
            },
            _ => return,
        };
        module.items.push(name.to_string());
    }

    /// The folder or file below the root that a module belongs to; empty for the root itself.
    pub(crate) fn floor(&self, id: Id) -> String {
        match self.modules[id].parent {
            None => String::new(),
            Some(0) => self.modules[id].name.clone(),
            Some(parent) => self.floor(parent),
        }
    }

    /// Whether a module is `ancestor` or within it.
    pub(crate) fn is_within(&self, id: Id, ancestor: Id) -> bool {
        let mut at = Some(id);
        while let Some(module) = at {
            if module == ancestor {
                return true;
            }
            at = self.modules[module].parent;
        }
        false
    }
}

/// Removes `..` from a path.
fn normalize(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

fn import(item: &ItemUse, module: &mut Module) {
    let is_public = !matches!(item.vis, Visibility::Inherited);
    let before = module.aliases.len();
    aliases(&item.tree, &mut Vec::new(), is_public, &mut module.aliases);
    let is_test = item.attrs.iter().any(is_test);
    module.aliases[before..]
        .iter_mut()
        .for_each(|alias| alias.is_test = is_test);
}

/// The attributes of an item.
pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an attribute restricts an item to tests.
pub(crate) fn is_test(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else {
        return attribute.path().is_ident("test");
    };
    let requires_test = |meta: &Meta| match meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .is_ok_and(|all| all.iter().any(|meta| meta.path().is_ident("test"))),
        _ => false,
    };
    list.path.is_ident("cfg") && list.parse_args().is_ok_and(|meta| requires_test(&meta))
}

fn path_of(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
