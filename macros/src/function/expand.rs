//! From the model to tokens; cannot fail.

use super::item::{Function, plain};
use super::model::{Form, Looked, Model};
use super::options::{Field, Format, How, Value};
use super::{expand_event, expand_failure, taken};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{FnArg, Pat, Signature};

/// Names of ours that no name of the user's can meet.
pub(crate) struct Names {
    pub(crate) private: TokenStream,
    pub(crate) call: Ident,
    pub(crate) out: Ident,
    recorder: Ident,
}

impl Names {
    fn of(function: &Function, model: &Model) -> Self {
        let ours = |name| Ident::new(name, Span::mixed_site());
        Self {
            // Errors of a macro called here are at the function's name.
            private: model
                .krate
                .private(function.sig.ident.span().resolved_at(Span::mixed_site())),
            call: ours("__call"),
            out: ours("__out"),
            recorder: ours("__recorder"),
        }
    }
}

/// Writes the function with its wrapper.
pub(crate) fn function(function: &Function, model: &Model) -> TokenStream {
    let names = Names::of(function, model);
    let mut sig = function.sig.clone();
    let body = function.body.to_token_stream();
    let events = expand_event::prepare(model, &names);
    let clones = expand_failure::prepare(model, &names);
    let kept = expand_failure::keep(model, &names);
    let call = call(function, model, &names);
    let run = run(function, &mut sig, body.clone(), model, &names);
    let name = &names.call;
    // A sibling that was taken in is used all the same: its import is not to be called unused.
    let folded = &model.options.folded;
    let asked = taken::asked(function, model);
    let block = quote!(#(#[allow(unused_imports)] use #folded as _;)* #asked #events #clones let #name = #call; #kept #run);
    let mut group = Group::new(Delimiter::Brace, block);
    group.set_span(body.span());
    let mut tokens = TokenStream::new();
    function.head(&sig, &mut tokens);
    tokens.extend([TokenTree::Group(group)]);
    tokens
}

/// `P::site!(..).begin()` or `.enter(..)`
fn call(function: &Function, model: &Model, names: &Names) -> TokenStream {
    let options = &model.options;
    let name = site_name(function, model);
    let fields = model.fields.iter().map(|field| {
        let name = &field.name;
        quote_spanned!(field.span=> #name)
    });
    let settings = settings(model, names);
    // Of the user's own code, so that its `line!()` is the function's, also where the attribute is on an `impl` block.
    let name_span = function.sig.ident.span();
    let here = model.krate.private(name_span);
    let site = quote_spanned!(name_span=> #here::site!(#name, [#(#fields),*], { #settings }));
    let plain = expand_failure::records_nothing_else(model)
        && options.metric.is_none()
        && options.parent.is_none()
        && options.follows_from.is_none();
    if plain {
        return quote!(#site.begin());
    }
    let record = record(model, names);
    let recorder = &names.recorder;
    quote!(#site.enter(|#recorder| { #record }))
}

fn site_name(function: &Function, model: &Model) -> TokenStream {
    match &model.options.name {
        Some(name) => name.clone(),
        None => function.sig.ident.unraw().to_string().to_token_stream(),
    }
}

/// What the site says beyond its name and fields. The numbers of the flags are the runtime's `flag`.
fn settings(model: &Model, names: &Names) -> TokenStream {
    let private = &names.private;
    let options = &model.options;
    let bit = |on: bool, bit: u32| if on { bit } else { 0 };
    let flags = bit(options.traced, 1)
        | bit(options.capture, 2)
        | bit(!options.events.is_empty(), 4)
        | bit(options.in_flight, 8)
        | bit(options.drop_in, 16)
        | bit(options.name.is_some(), 32)
        | bit(expand_failure::is_asked(model), 64);
    let mut settings = quote!(flags: #flags);
    let mut set = |key: &str, value: TokenStream| {
        let key = Ident::new(key, Span::call_site());
        settings.extend(quote!(, #key: #value));
    };
    if let Some(level) = &model.level {
        set("level", level.clone());
    }
    if let Some(target) = &options.target {
        set("target", target.clone());
    }
    if let Some(kind) = options.kind {
        let kind = Ident::new(kind, Span::call_site());
        set("kind", quote!(#private::SpanKind::#kind));
    }
    if let Some(nanos) = options.slow {
        set("slow_nanos", quote!(#nanos));
    }
    if let Some(owner) = &options.owner {
        set("owner", quote!(#owner));
    }
    if let Some(objective) = options.objective {
        let (success, latency, at) = (objective.success, objective.latency, objective.at);
        set(
            "objective",
            quote!(#private::Some(#private::Objective {
                success_percent: #success,
                latency_nanos: #latency,
                latency_percent: #at,
            })),
        );
    }
    settings
}

/// What is recorded when the call begins.
fn record(model: &Model, names: &Names) -> TokenStream {
    let Names {
        private, recorder, ..
    } = names;
    let options = &model.options;
    let metric = options
        .metric
        .iter()
        .map(|metric| quote!(#recorder.metric(#metric);));
    let parent = options
        .parent
        .iter()
        .map(|parent| match parent.to_string().as_str() {
            "None" => quote!(#recorder.root();),
            _ => quote!(#recorder.parent(#parent);),
        });
    let fields = (!expand_failure::records_nothing_else(model)).then(|| {
        let values = model.fields.iter().map(|field| value(field, private));
        quote!(#private::record!(#recorder, [#(#values),*]);)
    });
    let follows = options
        .follows_from
        .iter()
        .map(|spans| quote!(#recorder.follows_from(#spans);));
    quote!(#(#metric)* #(#parent)* #fields #(#follows)*)
}

/// A field's value.
pub(crate) fn value(field: &Field, private: &TokenStream) -> TokenStream {
    let tokens = match &field.value {
        Value::Later => return quote!(#private::None),
        Value::Argument(_, tokens) | Value::Expr(tokens) => tokens,
    };
    let span = field.span.resolved_at(Span::mixed_site());
    let how = match field.how {
        How::ByType => "value",
        How::Display => "display",
        How::Debug => "debug",
    };
    let how = Ident::new(how, span);
    quote_spanned!(span=> #private::#how!(#tokens))
}

/// Runs the body.
fn run(
    function: &Function,
    sig: &mut Signature,
    body: TokenStream,
    model: &Model,
    names: &Names,
) -> TokenStream {
    let Names { private, call, .. } = names;
    match &model.form {
        Form::Guarded => {
            let guard = Ident::new("__guard", Span::mixed_site());
            let body = inside(body);
            let begun = expand_failure::guarded(model, names);
            quote!(let #guard = #begun; #body)
        }
        Form::Async(looked) => {
            let look = look(looked, model, names);
            let edge = edge(looked, names);
            let (owned, by) = expand_failure::owned(function, model, names, body.clone());
            let body = after(quote!(#owned #edge), body);
            quote!(#private::run_async(#call, async #by #body, #look).await)
        }
        Form::Value(looked) => {
            let look = look(&by_type(looked), model, names);
            // The body borrows what it does not take, so that its values are there when it has failed.
            let borrows = expand_failure::is_asked(model) && !expand_failure::outlives(model);
            let (by, (given, taken)) = if borrows {
                (None, <_>::default())
            } else {
                (Some(<syn::Token![move]>::default()), hand_on(sig, model))
            };
            match (looked, &function.sig.output) {
                (Looked::Type(ty), _) => {
                    quote!(#private::run_value!(#call, (#given), #by |(#taken)| -> #ty #body, #look))
                }
                (Looked::Opaque, _) => {
                    quote!(#private::run(#call, (#given), #by |(#taken)| #body, #look))
                }
                (Looked::Nothing, syn::ReturnType::Type(_, ty)) => {
                    quote!(#private::run(#call, (#given), #by |(#taken)| -> #ty #body, #look))
                }
                (Looked::Nothing, syn::ReturnType::Default) => {
                    quote!(#private::run(#call, (#given), #by |(#taken)| -> () #body, #look))
                }
            }
        }
        Form::Future(looked) => {
            let look = look(looked, model, names);
            let (given, taken) = hand_on(sig, model);
            quote!(#private::run_future(#call, (#given), move |(#taken)| #body, #look))
        }
        Form::Stream => {
            let look = look(&Looked::Opaque, model, names);
            let (given, taken) = hand_on(sig, model);
            quote!(#private::run_stream(#call, (#given), move |(#taken)| #body, #look))
        }
    }
}

/// The body with something before its first statement.
fn after(first: TokenStream, body: TokenStream) -> TokenStream {
    if first.is_empty() {
        return body;
    }
    let span = body.span();
    let body = inside(body);
    let mut group = Group::new(Delimiter::Brace, quote!(#first #body));
    group.set_span(span);
    TokenTree::Group(group).into()
}

/// The body without its braces: the compiler would call them unnecessary.
fn inside(body: TokenStream) -> TokenStream {
    let contents = match body.clone().into_iter().next() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => return body,
    };
    let mut tokens = contents.clone().into_iter();
    // Attributes of the body, `#![..]`, stand at the beginning of braces only.
    let is = |token: Option<TokenTree>, c| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == c);
    if is(tokens.next(), '#') && is(tokens.next(), '!') {
        body
    } else {
        contents
    }
}

/// Where the value's type decides what is looked at, the type of the look's argument is left to it.
fn by_type(looked: &Looked) -> Looked {
    match looked {
        Looked::Nothing => Looked::Nothing,
        _ => Looked::Opaque,
    }
}

/// Hands parameters of plain names on to the closure: so they are dropped in their order, after the body's last value.
fn hand_on(sig: &mut Signature, model: &Model) -> (TokenStream, TokenStream) {
    let read = expand_failure::read(model);
    let (mut given, mut taken) = (TokenStream::new(), TokenStream::new());
    for input in &mut sig.inputs {
        let Some(pat) = plain(input).cloned() else {
            continue;
        };
        let name = &pat.ident;
        // Nobody uses it, and handing it on would; or it is read beside the body, which may not use it.
        if name.to_string().starts_with('_') || read.contains(name) {
            continue;
        }
        given.extend(quote!(#name,));
        let (mutability, attrs) = (&pat.mutability, &pat.attrs);
        taken.extend(quote!(#(#attrs)* #mutability #name,));
        if let FnArg::Typed(typed) = input
            && let Pat::Ident(pat) = &mut *typed.pat
        {
            pat.mutability = None;
        }
    }
    (given, taken)
}

/// Lets the compiler know the type of an async body before it reads the body, so that errors are the body's.
fn edge(looked: &Looked, names: &Names) -> TokenStream {
    let private = &names.private;
    match looked {
        Looked::Type(ty) => {
            quote!(if false { return #private::never::<#ty>(); })
        }
        _ => TokenStream::new(),
    }
}

/// The closure that looks at what came out.
fn look(looked: &Looked, model: &Model, names: &Names) -> TokenStream {
    let Names { private, out, .. } = names;
    let options = &model.options;
    let silent = options.events.is_empty()
        && options.err.is_none()
        && options.ret.is_none()
        && !expand_failure::is_asked(model);
    if matches!(looked, Looked::Nothing) && silent && options.error_if.is_none() {
        return quote!(#private::ok);
    }
    let argument = match looked {
        Looked::Type(ty) => quote!(#out: &#ty),
        Looked::Nothing => quote!(#out: &()),
        Looked::Opaque => quote!(#out),
    };
    let verdict = verdict(model, names);
    if silent {
        return quote!(|#argument| #verdict);
    }
    let found = Ident::new("__verdict", Span::mixed_site());
    let events = expand_event::emit(model, names, &found);
    let written = written(model, names);
    let kept = expand_failure::told(model, &found);
    quote!(move |#argument| { let #found = #verdict; #written #events #kept #found })
}

fn verdict(model: &Model, names: &Names) -> TokenStream {
    let Names { private, out, .. } = names;
    let options = &model.options;
    let error = Ident::new("__error", Span::mixed_site());
    let none = options.none_error.then(|| quote!(, none_error));
    let ignore = (!options.ignore.is_empty()).then(|| {
        let patterns = &options.ignore;
        quote!(, ignore |#error| #(#private::matches!(#error, #patterns))||*)
    });
    let rule = options.error_if.iter().map(|rule| quote!(, error_if #rule));
    quote!(#private::verdict!(#out #none #ignore #(#rule)*))
}

/// The `err` and `ret` events of `tracing::instrument`.
fn written(model: &Model, names: &Names) -> TokenStream {
    let options = &model.options;
    let event = |kind: &str, format: &Format, default: &str| {
        let Names { private, out, .. } = names;
        let kind = format_ident!("{kind}_event");
        let how = Ident::new(
            if format.debug { "debug" } else { "display" },
            Span::call_site(),
        );
        let level = level_of(format, private, default, model);
        let target = options
            .target
            .clone()
            .unwrap_or_else(|| quote!(#private::module_path!()));
        quote!(#private::#kind!(#out, #target, #level, #how);)
    };
    let err = options
        .err
        .iter()
        .map(|format| event("err", format, "ERROR"));
    let ret = options.ret.iter().map(|format| {
        let kind = if options.err.is_some() {
            "ret_ok"
        } else {
            "ret"
        };
        event(kind, format, "")
    });
    quote!(#(#err)* #(#ret)*)
}

fn level_of(format: &Format, private: &TokenStream, default: &str, model: &Model) -> TokenStream {
    let given = format.level.as_ref().and_then(|(key, value)| {
        // Checked when the options were read.
        super::values::level(value, key, private, &mut crate::grammar::Errors::default())
    });
    given.unwrap_or_else(|| match (default, &model.level) {
        ("", Some(level)) => level.clone(),
        ("", None) => quote!(#private::Level::INFO),
        (name, _) => {
            let name = Ident::new(name, Span::call_site());
            quote!(#private::Level::#name)
        }
    })
}
