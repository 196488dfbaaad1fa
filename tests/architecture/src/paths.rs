//! The paths in code, including macros.

use crate::uses::aliases;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMacro, ItemUse, Macro, Token, UseTree};

/// A path in code.
pub(crate) struct Used {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// Whether it is the path of a macro call.
    pub(crate) is_macro: bool,
}

/// The paths in an item, without those in its `use` declarations.
pub(crate) fn of(item: &Item) -> Vec<Used> {
    let mut paths = Paths {
        found: Vec::new(),
        depth: 0,
    };
    paths.visit_item(item);
    paths.found
}

struct Paths {
    found: Vec<Used>,
    /// The number of enclosing `mod name { .. }` in a macro's tokens.
    depth: usize,
}

impl Paths {
    fn add(&mut self, mut path: Vec<String>, line: usize, is_macro: bool) {
        let supers = path.iter().take_while(|name| *name == "super").count();
        if supers > 0 && self.depth > 0 {
            // `super` leaves a module within these tokens.
            path.drain(..supers.min(self.depth));
            path.insert(0, "self".to_owned());
        }
        self.found.push(Used {
            path,
            line,
            is_macro,
        });
    }

    fn path(&mut self, path: &syn::Path, is_macro: bool) {
        if let (None, Some(first)) = (path.leading_colon, path.segments.first()) {
            let names = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string());
            self.add(names.collect(), first.ident.span().start().line, is_macro);
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => {
                    let depth = self.depth;
                    self.depth += usize::from(is_module(&tokens[..at]));
                    self.tokens(group.stream());
                    self.depth = depth;
                    at += 1;
                }
                TokenTree::Ident(_) => at = self.path_in_tokens(&tokens, at),
                _ => at += 1,
            }
        }
    }

    /// Reads a path that begins at an identifier and returns the index after it.
    fn path_in_tokens(&mut self, tokens: &[TokenTree], start: usize) -> usize {
        let mut path = vec![tokens[start].to_string()];
        let mut at = start + 1;
        let mut group = None;
        while is_separator(tokens, at) {
            match tokens.get(at + 2) {
                Some(TokenTree::Ident(name)) => path.push(name.to_string()),
                Some(TokenTree::Group(names)) if names.delimiter() == Delimiter::Brace => {
                    group = Some(names.stream());
                    at += 3;
                    break;
                }
                _ => break,
            }
            at += 3;
        }
        if !is_start(tokens, start) {
            return at;
        }
        let line = tokens[start].span().start().line;
        let Some(group) = group else {
            if path.len() == 1 && is_variable(&path[0], tokens.get(at)) {
                return at;
            }
            self.add(path, line, is_punct(tokens, at, '!'));
            return at;
        };
        let trees = Punctuated::<UseTree, Token![,]>::parse_terminated.parse2(group);
        let mut names = Vec::new();
        for tree in trees.into_iter().flatten() {
            aliases(&tree, &mut path.clone(), false, &mut names);
        }
        for name in names {
            self.add(name.path, name.line, false);
        }
        at
    }
}

/// Whether a group after these tokens is the body of a module.
fn is_module(before: &[TokenTree]) -> bool {
    let before = match before {
        [before @ .., TokenTree::Punct(_), TokenTree::Ident(_)]
        | [before @ .., TokenTree::Ident(_)] => before,
        _ => return false,
    };
    matches!(before, [.., TokenTree::Ident(word)] if word == "mod")
}

/// Whether a single name is probably a variable or a field: it is neither called nor a type.
fn is_variable(name: &str, next: Option<&TokenTree>) -> bool {
    let is_called = match next {
        Some(TokenTree::Group(group)) => group.delimiter() != Delimiter::Bracket,
        Some(TokenTree::Punct(punct)) => punct.as_char() == '!',
        _ => false,
    };
    name.starts_with(char::is_lowercase) && !is_called
}

/// Whether a path may begin here, as opposed to a field, a lifetime, an interpolation or a path of another crate.
fn is_start(tokens: &[TokenTree], at: usize) -> bool {
    let Some(TokenTree::Punct(before)) = at.checked_sub(1).and_then(|at| tokens.get(at)) else {
        return true;
    };
    match before.as_char() {
        '$' => tokens[at].to_string() == "crate",
        '.' => at >= 2 && is_punct(tokens, at - 2, '.'),
        '#' | '\'' => false,
        ':' => at < 2 || !is_separator(tokens, at - 2),
        _ => true,
    }
}

fn is_punct(tokens: &[TokenTree], at: usize, char: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
        && is_punct(tokens, at + 1, ':')
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(path, false);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.path(&call.path, true);
        self.tokens(call.tokens.clone());
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if item.ident.is_none() {
            self.path(&item.mac.path, true);
        }
        self.tokens(item.mac.tokens.clone());
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_item_use(&mut self, _: &'ast ItemUse) {}
}
