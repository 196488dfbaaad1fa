//! An attribute on an `impl` block, a trait or an inline module: every function in it, to any depth.
//!
//! The attributes of one item are read together, as those of one function are, and each function gets one wrapper. What
//! is closer to a function comes first: its own attributes, then its item's, then those of the modules around.

use super::fold::{self, Given};
use super::item::{Bulk, Function, function_of};
use super::options::{Kind, Options};
use super::{borrowing, messages as say, wrap};
use crate::grammar::{Errors, Krate, nearest};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, GenericParam, Generics, ImplItem, Item, ItemImpl, ItemTrait, TraitItem, TypeParam,
};

/// Puts the attribute on every function of the item.
pub(crate) fn expand(
    kind: Kind,
    args: TokenStream,
    bulk: Bulk,
    errors: &mut Errors,
) -> TokenStream {
    let outer = Given {
        kind,
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

/// What is said for all functions of an item.
#[derive(Default)]
struct Shared {
    options: Options,
    /// The attributes as they were written, the closest first.
    given: Vec<Given>,
    /// What this item's own attributes are imported as.
    imports: Vec<syn::Ident>,
    /// The item has `#[instrument]`, which can only be ours: so one without a path on a function is ours, too.
    is_instrument_ours: bool,
    skip: Skip,
}

/// Arguments that `skip(..)` names, and those that the functions have.
#[derive(Default)]
struct Skip {
    named: Vec<syn::Ident>,
    seen: std::cell::RefCell<Vec<syn::Ident>>,
}

impl Skip {
    /// Each is an argument of one function at least.
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
    /// With the attributes of an item within, which are taken off it. `Err`: the item stays as it is.
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
        let options = read(&given, errors);
        // `tracing::instrument` goes on functions alone: on an item, nothing is owed to what it accepts.
        for (span, message) in &options.warnings {
            errors.push(*span, message);
        }
        if let Some(span) = options.left_out() {
            if is_outermost {
                errors.push(span, say::SKIP_ALONE);
            }
            // Without an import, too: as on a function.
            return Err(quote!(#bulk));
        }
        if errors.count() > before {
            return Err(imported(&imports(&given), &bulk));
        }
        let imports = imports(&given);
        let is_instrument = given.iter().any(|given| given.kind == Kind::Instrument);
        let mut named = options.skip.clone();
        named.retain(|name| name != "self");
        given.extend(self.given.iter().cloned());
        let inner = Self {
            options: fill(options, &self.options, None),
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
            // A catalog's functions are metrics.
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

    /// One function: what it says itself comes before what is said for all.
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
        let mut own = Options::default();
        fold::siblings(&mut function, &mut own, self.is_instrument_ours, errors);
        let options = fill(own, &self.options, Some(&function));
        wrap(&function, &plain, options, errors)
    }

    fn krate(&self) -> Krate {
        Krate::at(self.options.krate.clone())
    }
}

/// The generics of an `impl` block, and `Self` as one of them where it may borrow.
fn around_impl(item: &ItemImpl) -> Generics {
    let mut generics = item.generics.clone();
    if borrowing::may_borrow(&item.self_ty, &generics) {
        generics
            .params
            .push(GenericParam::Type(myself(<_>::default())));
    }
    generics
}

/// The generics of a trait, and `Self`, whose bounds are the traits above it.
fn around_trait(item: &ItemTrait) -> Generics {
    let mut generics = item.generics.clone();
    generics
        .params
        .push(GenericParam::Type(myself(item.supertraits.clone())));
    generics
}

fn myself(bounds: syn::punctuated::Punctuated<syn::TypeParamBound, syn::Token![+]>) -> TypeParam {
    TypeParam {
        bounds,
        ..syn::Ident::from(<syn::Token![Self]>::default()).into()
    }
}

/// Reads the attributes of one item.
fn read(given: &[Given], errors: &mut Errors) -> Options {
    let mut options = Options::default();
    for given in given {
        if given.kind == Kind::BusinessEvent {
            errors.push(given.span, say::EVENT_ON_ITEM);
        } else if fold::is_again(given.kind, &options) {
            errors.push(given.span, say::attribute_twice_here(given.kind.name()));
        } else {
            options.read(given.kind, given.args.clone(), errors);
        }
    }
    if let Some(field) = options
        .fields
        .iter()
        .chain(&options.on_failure.fields)
        .next()
    {
        errors.push(field.span, say::BULK_FIELDS);
    }
    if let Some(name) = options.on_failure.cloned.first() {
        errors.push(name.span(), say::BULK_FIELDS);
    }
    if let Some(name) = &options.name {
        errors.at(name, say::BULK_NAME);
    }
    if let (Some(first), None, false) = (options.skip.first(), options.args, options.drop_in) {
        errors.push(first.span(), say::ARGS_AND_FIELDS);
    }
    options
}

fn imports(given: &[Given]) -> Vec<syn::Ident> {
    let imports = given.iter().filter_map(|given| given.import.clone());
    imports.collect()
}

/// The item, and beside it the imports that its attributes used: each was taken in, and its import is not to be called
/// unused. Beside it, as within a module another name may be in scope.
fn imported(imports: &[syn::Ident], bulk: &Bulk) -> TokenStream {
    quote!(#(#[allow(unused_imports)] use #imports as _;)* #bulk)
}

fn has(attrs: &[Attribute], name: &str) -> bool {
    let is = |attr: &Attribute| {
        let last = attr.path().segments.last();
        last.is_some_and(|last| last.ident == name)
    };
    attrs.iter().any(is)
}

fn attrs(bulk: &mut Bulk) -> &mut Vec<Attribute> {
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

/// What a function or an item says, and where it is silent what is said around it. Every option is named, so that a new
/// one cannot be forgotten.
pub(crate) fn fill(own: Options, shared: &Options, function: Option<&Function>) -> Options {
    // Of the arguments that all functions together have, a function has some.
    let arguments = function.map(Function::arguments);
    let has = |name: &&syn::Ident| {
        let arguments = arguments.as_ref();
        *name == "self" || arguments.is_none_or(|arguments| arguments.contains(name))
    };
    let mut skip = own.skip;
    skip.extend(shared.skip.iter().filter(has).cloned());
    Options {
        traced: own.traced || shared.traced,
        capture: own.capture || shared.capture,
        drop_in: own.drop_in || shared.drop_in,
        in_flight: own.in_flight || shared.in_flight,
        none_error: own.none_error || shared.none_error,
        allow_sensitive: own.allow_sensitive || shared.allow_sensitive,
        args: own.args.or(shared.args),
        skip_all: own.skip_all.or(shared.skip_all),
        skip,
        level: own.level.or_else(|| shared.level.clone()),
        target: own.target.or_else(|| shared.target.clone()),
        kind: own.kind.or(shared.kind),
        slow: own.slow.or(shared.slow),
        objective: own.objective.or(shared.objective),
        describe: own.describe.or(shared.describe),
        metric: own.metric.or_else(|| shared.metric.clone()),
        error_if: own.error_if.or_else(|| shared.error_if.clone()),
        owner: own.owner.or_else(|| shared.owner.clone()),
        parent: own.parent.or_else(|| shared.parent.clone()),
        follows_from: own.follows_from.or_else(|| shared.follows_from.clone()),
        err: own.err.or_else(|| shared.err.clone()),
        ret: own.ret.or_else(|| shared.ret.clone()),
        ignore: if own.ignore.is_empty() {
            shared.ignore.clone()
        } else {
            own.ignore
        },
        krate: own.krate.or_else(|| shared.krate.clone()),
        // One function's alone.
        events: own.events,
        fields: own.fields,
        on_failure: own.on_failure,
        name: own.name,
        folded: own.folded,
        warnings: own.warnings,
        left_out: own.left_out,
    }
}
