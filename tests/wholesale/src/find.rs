//! Walks a file and records where attributes go.

use crate::plan::{Found, Left, Mode, Plan, after_attributes};
use crate::rules::{self, Reason};
use proc_macro2::{LineColumn, TokenStream};
use quote::ToTokens;
use std::mem;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{AttrStyle, Attribute, Block, Expr, Signature, Stmt};
use syn::{ForeignItem, ImplItem, Item, ItemImpl, ItemMacro, ItemMod, ItemTrait, Macro, TraitItem};

/// Collects the functions and insertions of a file.
pub(crate) struct Finder<'p> {
    plan: &'p Plan,
    pub(crate) insertions: Vec<(LineColumn, String)>,
    pub(crate) functions: Vec<Found>,
    pub(crate) left_out: Vec<Left>,
    /// Whether an attribute on an enclosing item covers the current one.
    covered: bool,
    /// Whether the current item is in an impl block of `GlobalAlloc`.
    allocator: bool,
    /// Whether to skip function bodies.
    no_bodies: bool,
}

/// The common parts of all kinds of functions.
struct Parts<'a> {
    attrs: &'a [Attribute],
    sig: &'a Signature,
    block: &'a Block,
    start: LineColumn,
}

impl<'p> Finder<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            insertions: Vec::new(),
            functions: Vec::new(),
            left_out: Vec::new(),
            covered: false,
            allocator: false,
            no_bodies: false,
        }
    }

    pub(crate) fn insert(&mut self, place: LineColumn, text: &str) {
        self.insertions.push((place, text.to_owned()));
    }

    fn function(&mut self, parts: &Parts<'_>) {
        match self.reason(parts) {
            Some(reason) => {
                if self.covered && reason.needs_skip() {
                    self.insert(parts.start, "#[::instrumental::traced(skip)] ");
                }
                self.leave(parts.start.line, 1, reason);
            }
            None => {
                let above = parts.attrs.first().map(|attr| attr.span().start().line);
                let found = Found {
                    name: parts.sig.ident.unraw().to_string(),
                    name_line: parts.sig.ident.span().start().line,
                    line: parts.start.line,
                    first: above.unwrap_or(parts.start.line),
                    last: parts.block.brace_token.span.close().end().line,
                };
                if let Some(mark) = self.plan.mark_of(&found) {
                    self.insert(parts.start, &mark);
                }
                if !self.covered {
                    self.insert(parts.start, self.plan.mode.text());
                }
                self.functions.push(found);
            }
        }
        if let Some(statement) = &self.plan.begin_tests
            && rules::is_test(parts.attrs)
        {
            self.insert(beginning(parts.block), &format!("{statement} "));
        }
        self.outside(|finder| {
            finder.visit_signature(parts.sig);
            finder.visit_block(parts.block);
        });
    }

    fn reason(&self, parts: &Parts<'_>) -> Option<Reason> {
        let own = rules::of_function(parts.attrs, parts.sig);
        let allocator = self.allocator.then_some(Reason::Allocator);
        let requested = self.plan.leave_out.contains(&parts.start.line);
        own.or(allocator).or(requested.then_some(Reason::Requested))
    }

    fn leave(&mut self, line: usize, count: usize, reason: Reason) {
        if count > 0 {
            self.left_out.push(Left {
                line,
                count,
                reason,
            });
        }
    }

    /// Leaves out the functions in unparsed tokens.
    fn leave_text(&mut self, tokens: TokenStream, reason: Reason) {
        let line = tokens.span().start().line;
        self.leave(line, rules::functions_in(tokens), reason);
    }

    /// Visits a body, to which the attributes of the items around the function do not apply.
    fn outside(&mut self, visit: impl FnOnce(&mut Self)) {
        if self.no_bodies {
            return;
        }
        let (covered, allocator) = (mem::take(&mut self.covered), mem::take(&mut self.allocator));
        visit(self);
        (self.covered, self.allocator) = (covered, allocator);
    }

    /// Visits an impl block, a trait or a module. In bulk mode it gets one attribute for all its functions, if it has any.
    fn block(
        &mut self,
        item: &impl ToTokens,
        attrs: &[Attribute],
        whole: bool,
        visit: impl Fn(&mut Self),
    ) {
        let before = self.covered;
        if self.plan.mode == Mode::Bulk && whole && !before && self.has_functions(&visit) {
            let outer = attrs.iter().filter(|attr| is_outer(attr)).count();
            self.insert(after_attributes(item, outer), self.plan.mode.text());
            self.covered = true;
        }
        visit(self);
        self.covered = before;
    }

    /// Whether an item has a function to annotate outside of bodies.
    fn has_functions(&self, visit: &impl Fn(&mut Self)) -> bool {
        let mut trial = Finder::new(self.plan);
        trial.allocator = self.allocator;
        trial.covered = true;
        trial.no_bodies = true;
        visit(&mut trial);
        !trial.functions.is_empty()
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&Parts {
            attrs: &item.attrs,
            sig: &item.sig,
            block: &item.block,
            start: after_attributes(item, outer(&item.attrs)),
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&Parts {
            attrs: &item.attrs,
            sig: &item.sig,
            block: &item.block,
            start: after_attributes(item, outer(&item.attrs)),
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        let start = after_attributes(item, outer(&item.attrs));
        match &item.default {
            Some(block) => self.function(&Parts {
                attrs: &item.attrs,
                sig: &item.sig,
                block,
                start,
            }),
            None => self.leave(start.line, 1, Reason::Declaration),
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let before = mem::replace(&mut self.allocator, rules::is_allocator(item));
        self.block(item, &item.attrs, true, |finder| {
            visit::visit_item_impl(finder, item);
        });
        self.allocator = before;
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.block(item, &item.attrs, true, |finder| {
            visit::visit_item_trait(finder, item);
        });
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.block(item, &item.attrs, can_be_annotated(item), |finder| {
            visit::visit_item_mod(finder, item);
        });
    }

    fn visit_foreign_item(&mut self, item: &'ast ForeignItem) {
        match item {
            ForeignItem::Fn(item) => {
                self.leave(item.sig.ident.span().start().line, 1, Reason::Foreign);
            }
            ForeignItem::Verbatim(tokens) => self.leave_text(tokens.clone(), Reason::Unread),
            _ => visit::visit_foreign_item(self, item),
        }
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        let reason = if item.mac.path.is_ident("macro_rules") {
            Reason::MacroRules
        } else {
            Reason::MacroInput
        };
        self.leave_text(item.mac.tokens.clone(), reason);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.leave_text(item.tokens.clone(), Reason::MacroInput);
    }

    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Verbatim(tokens) => self.leave_text(tokens.clone(), Reason::Unread),
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        match item {
            ImplItem::Verbatim(tokens) => self.leave_text(tokens.clone(), Reason::Unread),
            _ => visit::visit_impl_item(self, item),
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        match item {
            TraitItem::Verbatim(tokens) => self.leave_text(tokens.clone(), Reason::Unread),
            _ => visit::visit_trait_item(self, item),
        }
    }

    fn visit_expr(&mut self, item: &'ast Expr) {
        match item {
            Expr::Verbatim(tokens) => self.leave_text(tokens.clone(), Reason::Unread),
            // The block of a constant in an impl block is not covered by the impl block's attribute.
            _ => self.outside(|finder| visit::visit_expr(finder, item)),
        }
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

fn is_outer(attr: &Attribute) -> bool {
    matches!(attr.style, AttrStyle::Outer)
}

fn outer(attrs: &[Attribute]) -> usize {
    attrs.iter().filter(|attr| is_outer(attr)).count()
}

/// The place before the first statement of a body, after inner attributes.
fn beginning(block: &Block) -> LineColumn {
    let first = block.stmts.first().map(Stmt::span);
    let place = first.map(|span| span.start());
    place.unwrap_or_else(|| block.brace_token.span.close().start())
}

/// Whether a module can be annotated. It must be inline, and contain neither out-of-line modules (unstable) nor exported
/// macros (which could not be named by their path).
fn can_be_annotated(item: &ItemMod) -> bool {
    let Some((_, items)) = &item.content else {
        return false;
    };
    items.iter().all(|item| match item {
        Item::Mod(inner) => can_be_annotated(inner),
        Item::Macro(inner) => {
            let mut attrs = inner.attrs.iter();
            !attrs.any(|attr| attr.path().is_ident("macro_export"))
        }
        _ => true,
    })
}
