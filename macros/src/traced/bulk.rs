//! An attribute on an `impl` block, a trait or an inline module: every function in it, to any depth.
//!
//! The attributes of an item are read together, like those of a function, and each function gets one wrapper. The
//! options closest to a function take precedence: its own, then its item's, then those of the modules around.

use super::borrowing;
use super::declaration::Declaration;
use super::fold::{self, Given};
use super::item::{Bulk, function_of};
use super::single::wrap;
use crate::grammar::attrs::ends_in;
use crate::grammar::messages as say;
use crate::grammar::{Attribute, Errors, Krate, nearest};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics, ImplItem, Item, ItemImpl, ItemTrait, TraitItem, TypeParam};

/// Puts the attribute on every function of the item.
pub(crate) fn expand(
    attribute: Attribute,
    args: TokenStream,
    bulk: Bulk,
    errors: &mut Errors,
) -> TokenStream {
    let outer = Given {
        attribute,
        args,
        span: proc_macro2::Span::call_site(),
        import: None,
    };
    let shared = Shared::default();
    match shared.with(Some(outer), bulk, errors) {
        Ok((bulk, inner)) => {
            let item = inner.spread(bulk, errors);
            inner.skip.check(errors);
            item
        }
        Err(item) => item,
    }
}

/// What the attributes of an item declare for all its functions.
#[derive(Default)]
struct Shared {
    declaration: Declaration,
    /// The attributes in source form, the closest first.
    given: Vec<Given>,
    /// The imports of this item's own attributes.
    imports: Vec<syn::Ident>,
    /// The item, or one around it, has `#[instrument]`, which on an item can only be ours: so a bare `#[instrument]` on a
    /// function is ours too.
    is_instrument_ours: bool,
    skip: Skip,
}

/// The arguments that `skip(..)` names, and those that the functions have.
#[derive(Default)]
struct Skip {
    named: Vec<syn::Ident>,
    seen: std::cell::RefCell<Vec<syn::Ident>>,
}

impl Skip {
    /// Reports names that are not arguments of any function.
    fn check(&self, errors: &mut Errors) {
        let seen = self.seen.borrow();
        for name in self.named.iter().filter(|name| !seen.contains(name)) {
            let known: Vec<String> = seen.iter().map(ToString::to_string).collect();
            let words: Vec<&str> = known.iter().map(String::as_str).collect();
            let near = nearest(&name.to_string(), &words);
            errors.push(
                name.span(),
                say::no_argument_in_item(&name.to_string(), near),
            );
        }
    }
}

impl Shared {
    /// Adds the attributes of an item inside, and removes them from it. `Err` is an item to leave unchanged.
    fn with(
        &self,
        outer: Option<Given>,
        mut bulk: Bulk,
        errors: &mut Errors,
    ) -> Result<(Bulk, Self), TokenStream> {
        let is_outermost = outer.is_some();
        let mut given: Vec<Given> = outer.into_iter().collect();
        given.extend(fold::take(attrs(&mut bulk), true));
        let before = errors.count();
        let mut declaration = read(&given, errors);
        // `tracing::instrument` does not go on items, so there is no unknown input to accept here.
        for (span, message) in &declaration.warnings {
            errors.push(*span, message);
        }
        if let Some(span) = declaration.options.skip.function {
            if is_outermost {
                errors.push(span, say::SKIP_ALONE);
            }
            // As on a function, the import is left alone.
            return Err(quote!(#bulk));
        }
        if errors.count() > before {
            return Err(imported(&imports(&given), &bulk));
        }
        let imports = imports(&given);
        let is_instrument = given
            .iter()
            .any(|given| given.attribute == Attribute::Instrument);
        let mut named = declaration.options.skip.named.clone();
        named.retain(|name| name != "self");
        given.extend(self.given.iter().cloned());
        declaration.inherit(&self.declaration);
        let inner = Self {
            declaration,
            given,
            imports,
            is_instrument_ours: is_instrument || self.is_instrument_ours,
            skip: Skip {
                named,
                seen: <_>::default(),
            },
        };
        Ok((bulk, inner))
    }

    /// The item with a wrapper in each of its functions.
    fn spread(&self, mut bulk: Bulk, errors: &mut Errors) -> TokenStream {
        match &mut bulk {
            Bulk::Impl(item) => {
                let around = around_impl(item);
                for inner in &mut item.items {
                    if let ImplItem::Fn(function) = inner {
                        *inner = ImplItem::Verbatim(self.function(function, &around, errors));
                    }
                }
            }
            Bulk::Trait(item) => {
                let around = around_trait(item);
                for inner in &mut item.items {
                    if let TraitItem::Fn(function) = inner {
                        *inner = TraitItem::Verbatim(self.function(function, &around, errors));
                    }
                }
            }
            Bulk::Mod(item) => {
                for inner in item.content.iter_mut().flat_map(|(_, items)| items) {
                    self.item(inner, errors);
                }
            }
        }
        imported(&self.imports, &bulk)
    }

    /// An item of a module.
    fn item(&self, item: &mut Item, errors: &mut Errors) {
        let bulk = match item {
            Item::Fn(function) => {
                let around = Generics::default();
                *item = Item::Verbatim(self.function(function, &around, errors));
                return;
            }
            Item::Impl(inner) => Bulk::Impl(inner.clone()),
            Item::Trait(inner) => Bulk::Trait(inner.clone()),
            // The functions of a catalog declare metrics.
            Item::Mod(inner) if inner.content.is_some() && !has(&inner.attrs, "catalog") => {
                Bulk::Mod(inner.clone())
            }
            _ => return,
        };
        let tokens = match self.with(None, bulk, errors) {
            Ok((bulk, inner)) => {
                let tokens = inner.spread(bulk, errors);
                self.skip.seen.borrow_mut().extend(inner.skip.seen.take());
                tokens
            }
            Err(tokens) => tokens,
        };
        *item = Item::Verbatim(tokens);
    }

    /// Wraps one function. Its own attributes take precedence.
    fn function(
        &self,
        tokens: &dyn ToTokens,
        around: &Generics,
        errors: &mut Errors,
    ) -> TokenStream {
        let Some(mut function) = function_of(tokens.to_token_stream()) else {
            return tokens.to_token_stream();
        };
        self.skip.seen.borrow_mut().extend(function.arguments());
        let unobservable = function.sig.constness.is_some() || function.body.is_none();
        if unobservable && !fold::is_observed(&function.attrs) || has(&function.attrs, "alert") {
            return tokens.to_token_stream();
        }
        if !self.is_instrument_ours
            && let Some(deferred) = fold::deferred(&function, &self.given, &self.krate())
        {
            return deferred;
        }
        function.around = Some(around.clone());
        let plain = function.clone();
        let mut declaration = Declaration::default();
        fold::siblings(
            &mut function,
            &mut declaration,
            self.is_instrument_ours,
            errors,
        );
        declaration.inherit(&self.declaration);
        wrap(&function, &plain, declaration, errors)
    }

    fn krate(&self) -> Krate {
        Krate::at(self.declaration.options.krate.clone())
    }
}

/// The generics of an `impl` block, with `Self` among them if it may borrow.
fn around_impl(item: &ItemImpl) -> Generics {
    let mut generics = item.generics.clone();
    if borrowing::may_borrow(&item.self_ty, &generics) {
        generics
            .params
            .push(GenericParam::Type(self_parameter(<_>::default())));
    }
    generics
}

/// The generics of a trait, with `Self`, which has the supertraits as bounds.
fn around_trait(item: &ItemTrait) -> Generics {
    let mut generics = item.generics.clone();
    generics
        .params
        .push(GenericParam::Type(self_parameter(item.supertraits.clone())));
    generics
}

fn self_parameter(
    bounds: syn::punctuated::Punctuated<syn::TypeParamBound, syn::Token![+]>,
) -> TypeParam {
    TypeParam {
        bounds,
        ..syn::Ident::from(<syn::Token![Self]>::default()).into()
    }
}

/// Reads the attributes of one item.
fn read(given: &[Given], errors: &mut Errors) -> Declaration {
    let mut declaration = Declaration::default();
    for given in given {
        if given.attribute == Attribute::BusinessEvent {
            errors.push(given.span, say::EVENT_ON_ITEM);
        } else if declaration.repeats(given.attribute) {
            errors.push(given.span, say::duplicate_attribute(given.attribute));
        } else {
            declaration.read(given.attribute, given.args.clone(), errors);
        }
    }
    refuse_own_options(&declaration, errors);
    declaration
}

/// Refuses the options of an item that belong to one function, and `skip(..)` without `args`.
fn refuse_own_options(declaration: &Declaration, errors: &mut Errors) {
    let options = &declaration.options;
    let on_failure = options.on_failure.iter();
    let fields = on_failure.clone().flat_map(|on_failure| &on_failure.fields);
    if let Some(field) = options.fields.iter().chain(fields).next() {
        errors.push(field.span, say::FIELDS_ON_ITEM);
    }
    if let Some(name) = on_failure.flat_map(|on_failure| &on_failure.cloned).next() {
        errors.push(name.span(), say::FIELDS_ON_ITEM);
    }
    if let Some(name) = &options.name {
        errors.at(name, say::NAME_ON_ITEM);
    }
    let records_all = options.args.is_some() || declaration.drop_in;
    if let Some(first) = options.skip.named.first().filter(|_| !records_all) {
        errors.push(first.span(), say::SKIP_WITHOUT_ARGS);
    }
}

fn imports(given: &[Given]) -> Vec<syn::Ident> {
    let imports = given.iter().filter_map(|given| given.import.clone());
    imports.collect()
}

/// The item, and uses of the imports of its attributes, which were removed and would leave the imports unused. They are
/// written beside the item, as other names may be in scope inside a module.
fn imported(imports: &[syn::Ident], bulk: &Bulk) -> TokenStream {
    quote!(#(#[allow(unused_imports)] use #imports as _;)* #bulk)
}

fn has(attrs: &[syn::Attribute], name: &str) -> bool {
    attrs.iter().any(|attr| ends_in(attr, name))
}

fn attrs(bulk: &mut Bulk) -> &mut Vec<syn::Attribute> {
    match bulk {
        Bulk::Impl(item) => &mut item.attrs,
        Bulk::Trait(item) => &mut item.attrs,
        Bulk::Mod(item) => &mut item.attrs,
    }
}

impl ToTokens for Bulk {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Impl(item) => item.to_tokens(tokens),
            Self::Trait(item) => item.to_tokens(tokens),
            Self::Mod(item) => item.to_tokens(tokens),
        }
    }
}
