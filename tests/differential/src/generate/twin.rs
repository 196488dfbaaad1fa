//! Writes one twin: the function in its host, and the code that runs it. Both twins have the same lines and columns.

use super::case::Case;
use super::flavours::Flavour;
use super::hosts::{Host, Owner};
use super::item::Item;
use super::returns::Kind;
use std::fmt::Write as _;

/// A module with the function.
pub(super) fn module(name: &str, case: &Case, annotated: bool) -> String {
    let mut text = format!("pub mod {name} {{\n");
    for line in lines(case, annotated) {
        let _ = writeln!(text, "    {line}");
    }
    text.push_str("}\n");
    text
}

fn lines(case: &Case, annotated: bool) -> Vec<String> {
    let item = Item::of(case);
    let mut lines = vec![
        String::from("use instrumental_tests_differential::kit::prelude::*;"),
        String::from("pub const BASE: u32 = line!();"),
    ];
    if let Some((_, own)) = case.method {
        lines.extend(declared(case, own));
    }
    let attributes = attributes(case, annotated);
    let inner = case.host == Host::Inner;
    lines.extend(
        (!inner)
            .then(|| placed(case, &item, &attributes))
            .into_iter()
            .flatten(),
    );
    lines.push(String::from("pub fn run() {"));
    lines.extend(
        inner
            .then(|| placed(case, &item, &attributes))
            .into_iter()
            .flatten(),
    );
    lines.push(format!(
        "calls(file!(), BASE, &mut || {});",
        run(case, &item)
    ));
    lines.push(String::from("}"));
    lines
}

/// The attribute lines; comments in the plain twin.
fn attributes(case: &Case, annotated: bool) -> Vec<String> {
    let shown = |line: &&str| {
        if annotated {
            line.replace("REC", &case.recorded)
        } else {
            String::from("//")
        }
    };
    let mut lines: Vec<_> = case.attribute.lines.iter().map(shown).collect();
    lines.extend(
        (case.flavour == Flavour::TrackCaller && !case.host.is_bulk())
            .then(|| String::from("#[track_caller]")),
    );
    lines
}

fn own_generics(case: &Case, own: &Owner) -> String {
    own.generics.replace(
        "STATIC",
        if case.flavour.is_boxed() {
            " + 'static"
        } else {
            ""
        },
    )
}

fn declared(case: &Case, own: &Owner) -> Vec<String> {
    let mut lines: Vec<_> = own.declared.lines().map(str::to_owned).collect();
    if case.host.is_provided() {
        let number =
            "fn number(&self) -> u64 { u64::from(self.n) } fn bump(&mut self) { self.n += 1; }";
        lines.push(format!(
            "impl{} Numbered for {} {{ {number} }}",
            own_generics(case, own),
            own.ty
        ));
    }
    lines
}

/// The function in its host.
fn placed(case: &Case, item: &Item<'_>, attributes: &[String]) -> Vec<String> {
    if matches!(
        case.host,
        Host::MacroTokens | Host::MacroParts | Host::MacroExpression
    ) {
        return made(case, item, attributes);
    }
    let (vis, close) = match case.host {
        Host::Free | Host::Inner => ("pub ", ""),
        Host::Associated | Host::Method | Host::ImplBlock | Host::ModBlock => ("pub ", "}"),
        _ => ("", "}"),
    };
    let open = opening(case, item, attributes);
    let mut lines = open;
    if case.host.is_bulk() {
        lines.extend(
            (case.flavour == Flavour::TrackCaller).then(|| String::from("#[track_caller]")),
        );
    } else {
        lines.extend(attributes.iter().cloned());
    }
    let body = item.body();
    lines.push(format!("{} {}", item.signature(vis, true), body[0]));
    lines.extend(body[1..].iter().cloned());
    lines.extend((!close.is_empty()).then(|| close.to_owned()));
    lines
}

/// The lines of the host before the function and its attributes.
fn opening(case: &Case, item: &Item<'_>, attributes: &[String]) -> Vec<String> {
    let own = |own: &Owner| (own_generics(case, own), own.ty);
    let (generics, ty) = case.method.map_or_else(<_>::default, |(_, of)| own(of));
    let declared = |name: &str| format!("trait {name}: Sized {{ {}; }}", item.signature("", false));
    let implemented = |name: &str| format!("impl{generics} {name} for {ty} {{");
    let above = if case.host.is_bulk() { attributes } else { &[] };
    match case.host {
        Host::Associated => vec![
            String::from("pub struct Owner;"),
            String::from("impl Owner {"),
        ],
        Host::Method => vec![format!("impl{generics} {ty} {{")],
        Host::Implemented => vec![declared("Host"), implemented("Host")],
        Host::GenericTrait => vec![declared("Host<X>"), implemented("Host<u8>")],
        Host::AsyncTrait => {
            let boxed = String::from("#[async_trait(?Send)]");
            vec![boxed.clone(), declared("Host"), boxed, implemented("Host")]
        }
        Host::Provided | Host::TraitBlock => {
            let life = if case.flavour.is_boxed() {
                " + 'static"
            } else {
                ""
            };
            let declared =
                format!("trait Host: Sized + Unpin + Numbered + std::fmt::Debug{life} {{");
            let implemented = format!("{}}}", implemented("Host"));
            [&[implemented], above, &[declared]].concat()
        }
        Host::ImplBlock => [above, &[format!("impl{generics} {ty} {{")]].concat(),
        Host::ModBlock => [above, &[String::from("pub mod inner { use super::*;")]].concat(),
        _ => Vec::new(),
    }
}

/// A macro that defines the function, and its call.
fn made(case: &Case, item: &Item<'_>, attributes: &[String]) -> Vec<String> {
    let output = item.output();
    let output = output.trim_start_matches(" -> ");
    let output = if output.is_empty() { "()" } else { output };
    let qualifier = item.qualifier();
    let body = item.body();
    let (rule, written, call) = match case.host {
        Host::MacroParts => (
            "$v:vis $n:ident ($($p:pat => $t:ty),*) $r:ty, $b:block",
            format!("$(#[$m])* $v {qualifier}fn $n($($p: $t),*) -> $r $b"),
            format!("pub f ({}) {output},", item.params(true, " =>").join(", ")),
        ),
        Host::MacroExpression => (
            "$v:vis $n:ident [$($g:tt)*] ($($p:tt)*) $r:ty, $e:expr",
            format!("$(#[$m])* $v {qualifier}fn $n $($g)* ($($p)*) -> $r {{ $e }}"),
            format!(
                "pub f [{}] ({}) {output},",
                item.generics(),
                item.params(true, ":").join(", ")
            ),
        ),
        _ => (
            "$v:vis $n:ident [$($g:tt)*] ($($p:tt)*) $r:ty, $($b:tt)*",
            format!("$(#[$m])* $v {qualifier}fn $n $($g)* ($($p)*) -> $r $($b)*"),
            format!(
                "pub f [{}] ({}) {output},",
                item.generics(),
                item.params(true, ":").join(", ")
            ),
        ),
    };
    let mut lines = vec![format!(
        "macro_rules! make {{ ($(#[$m:meta])* {rule}) => {{ {written} }}; }}"
    )];
    lines.push(String::from("make! {"));
    lines.extend(attributes.iter().cloned());
    lines.push(call);
    lines.extend(body);
    lines.push(String::from("}"));
    lines
}

/// An expression that calls the function and formats its value.
fn run(case: &Case, item: &Item<'_>) -> String {
    let (call, show) = (item.call(), case.returned.show);
    if case.returned.kind == Kind::Never {
        return call;
    }
    if case.flavour.awaits() || case.flavour == Flavour::Async {
        let awaited = format!("futures(pin!(async move {{ let out = out.await; {show} }}))");
        return format!("match {call} {{ out => {{ measure!(&out); {awaited} }} }}");
    }
    if case.flavour.is_stream() {
        return format!("match {call} {{ out => {{ measure!(&out); streams(pin!(out)) }} }}");
    }
    let measured = if case.returned.kind == Kind::Plain {
        ""
    } else {
        "measure!(&out); "
    };
    format!("match {call} {{ out => {{ {measured}{show} }} }}")
}
