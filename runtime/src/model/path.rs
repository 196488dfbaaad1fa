//! Names of functions, derived from the paths that `type_name` returns.
//!
//! The path of a method has one of three forms: `shop::S<u8>::put`; `<shop::S<u8> as shop::Store>::put` if the `impl` is in
//! the module of the type or the trait; and `other::<impl shop::Store for shop::S<u8>>::put` otherwise.

/// The parts of a path.
struct Parts<'a> {
    /// The type whose `impl` contains the function, if the path names it.
    ty: Option<&'a str>,
    /// Whether that `impl` is of a trait.
    is_of_trait: bool,
    /// Segments before the `impl`; all segments if there is none.
    outer: Vec<&'a str>,
    /// Segments within the `impl`.
    inner: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(path: &'a str) -> Self {
        let path = path.split("::__INSTRUMENTAL_SITE").next().unwrap_or(path);
        let mut segments = segments(path);
        // `const _: () = { .. }`, which macros generate, and closures have no name of their own.
        segments.retain(|segment| !matches!(*segment, "_" | "{{closure}}"));
        let Some(at) = segments
            .iter()
            .rposition(|segment| segment.starts_with('<'))
        else {
            return Self {
                ty: None,
                is_of_trait: false,
                outer: segments,
                inner: Vec::new(),
            };
        };
        let inner = segments.split_off(at + 1);
        let within = segments.pop().unwrap_or_default();
        let within = within.strip_prefix('<').unwrap_or(within);
        let within = within.strip_suffix('>').unwrap_or(within);
        let (ty, is_of_trait) = implemented(within);
        Self {
            ty: Some(ty),
            is_of_trait,
            outer: segments,
            inner,
        }
    }
}

/// Returns the type in `a::T as b::Trait`, `impl b::Trait for a::T` or `impl a::T`, and whether there is a trait.
fn implemented(within: &str) -> (&str, bool) {
    let Some(plain) = within.strip_prefix("impl ") else {
        return match split_at_word(within, " as ") {
            Some((ty, _)) => (ty, true),
            None => (within, false),
        };
    };
    match split_at_word(plain, " for ") {
        Some((_, ty)) => (ty, true),
        None => (plain, false),
    }
}

/// Returns the name of a function within its module: `ContractService::release` for
/// `shop::contracts::ContractService::release::{{closure}}::__INSTRUMENTAL_SITE::..` in `shop::contracts`, and `Ledger::put`
/// for `<shop::Ledger as shop::Store>::put::..`.
///
/// A macro that turns a function into a type nests the function inside it: `#[get("/")] async fn index()` becomes
/// `<shop::index as HttpServiceFactory>::register::index`, or `index::index`. Both are named `index`.
pub(super) fn function_name(path: &str, module: &str) -> String {
    let Parts {
        ty,
        is_of_trait,
        outer,
        inner,
    } = Parts::of(path);
    let mut names: Vec<String> = match ty {
        Some(ty) => {
            let inner = inner.into_iter().map(human);
            std::iter::once(human(ty)).chain(inner).collect()
        }
        None => {
            let module: Vec<&str> = module.split("::").collect();
            let within = outer.strip_prefix(&module[..]).unwrap_or(&outer);
            within.iter().map(|segment| human(segment)).collect()
        }
    };
    if is_of_trait && let Some(again) = names.iter().rposition(|name| *name == names[0]) {
        names.drain(..again);
    }
    names.dedup();
    names.join("::")
}

/// Returns a function's path without generics and traits: `shop::Ledger::put` for `<shop::Ledger as shop::Store>::put`.
/// `path` comes from `type_name`, or from a site.
pub(crate) fn source_path(path: &str) -> String {
    let parts = Parts::of(path);
    let first = match parts.ty {
        Some(ty) => vec![without_generics(ty)],
        None => parts
            .outer
            .iter()
            .map(|part| without_generics(part))
            .collect(),
    };
    let inner = parts.inner.iter().map(|part| without_generics(part));
    let all: Vec<String> = first.into_iter().chain(inner).collect();
    all.join("::")
}

/// Splits a path at each `::` outside brackets.
fn segments(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    let mut start = 0;
    for at in outside_of_brackets(path) {
        if at >= start && path[at..].starts_with("::") {
            segments.push(&path[start..at]);
            start = at + 2;
        }
    }
    segments.push(&path[start..]);
    segments
}

/// Splits a text at the first `word` outside brackets.
fn split_at_word<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let at = outside_of_brackets(text).find(|at| text[*at..].starts_with(word))?;
    Some((&text[..at], &text[at + word.len()..]))
}

/// Returns the positions of the characters outside brackets. The `>` of an arrow is not a bracket.
fn outside_of_brackets(text: &str) -> impl Iterator<Item = usize> {
    let (mut depth, mut before) = (0_usize, ' ');
    text.char_indices().filter_map(move |(at, c)| {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' if before == '-' => {}
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = c;
        (depth == 0).then_some(at)
    })
}

/// Removes generic arguments: `Service<'_>` becomes `Service`.
fn without_generics(path: &str) -> String {
    let (mut depth, mut before) = (0_usize, ' ');
    let mut plain = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '<' => depth += 1,
            '>' if before != '-' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
        before = c;
    }
    plain
}

/// Shortens a type to the names of its types: `&a::b::T<c::D>` becomes `T`, and `(a::T, b::U)` becomes `(T, U)`.
fn human(ty: &str) -> String {
    let mut plain = ty.trim();
    for sign in ["&", "*const ", "*mut ", "'static ", "mut ", "dyn "] {
        plain = plain.strip_prefix(sign).unwrap_or(plain);
    }
    let plain = without_generics(plain);
    let mut human = String::with_capacity(plain.len());
    // Where the current path begins in `human`.
    let mut word = 0;
    let mut rest = plain.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("::") {
            human.truncate(word);
            rest = after;
            continue;
        }
        human.push(c);
        rest = &rest[c.len_utf8()..];
        if !(c.is_alphanumeric() || c == '_' || c == '#') {
            word = human.len();
        }
    }
    human
}

#[cfg(test)]
mod tests {
    use super::{function_name, source_path};

    #[test]
    fn paths() {
        for (path, plain) in [
            ("shop::f", "shop::f"),
            ("<shop::S<u8> as shop::Store>::put", "shop::S::put"),
            (
                "shop::pay::<impl shop::Store for shop::S<u8>>::put",
                "shop::S::put",
            ),
            ("shop::pay::<impl shop::S<u8>>::put", "shop::S::put"),
            (
                "shop::S<'_>::put::{{closure}}::__INSTRUMENTAL_SITE::x",
                "shop::S::put",
            ),
        ] {
            assert_eq!(source_path(path), plain);
        }
    }

    #[test]
    fn f67_names() {
        for (path, name) in [
            ("shop::pay::f", "f"),
            ("shop::pay::f::inner", "f::inner"),
            ("shop::pay::f::{{closure}}::inner::{{closure}}", "f::inner"),
            ("shop::pay::S::release::{{closure}}", "S::release"),
            ("shop::pay::S<'_, T>::put::{{closure}}", "S::put"),
            ("shop::pay::S<u8>::put::helper", "S::put::helper"),
            ("<shop::pay::S<u8> as shop::Store>::put", "S::put"),
            (
                "<shop::pay::S as core::fmt::Display>::fmt::{{closure}}::helper",
                "S::fmt::helper",
            ),
            // In the module of neither the type nor the trait, and in a `const _`.
            (
                "shop::pay::<impl shop::Store for shop::S<u8>>::put",
                "S::put",
            ),
            ("shop::pay::<impl shop::S<u8>>::put::inner", "S::put::inner"),
            (
                "shop::pay::<impl shop::Store for core::option::Option<_>>::put",
                "Option::put",
            ),
            ("shop::pay::_::<impl shop::S>::put", "S::put"),
            // Types without a name of their own.
            (
                "<(shop::S, shop::T<u8>) as shop::Store>::put",
                "(S, T)::put",
            ),
            ("<[shop::S] as shop::Store>::put", "[S]::put"),
            ("<&mut shop::S as shop::Store>::put", "S::put"),
            (
                "shop::pay::<impl shop::Store for dyn core::ops::function::Fn(shop::S) -> shop::T>::put",
                "Fn(S) -> T::put",
            ),
            // Types that macros generate from a function: actix-web, poem, salvo, and a wrapper of the same name.
            (
                "<shop::pay::index as actix_web::service::HttpServiceFactory>::register::index::{{closure}}",
                "index",
            ),
            (
                "<shop::pay::index as actix_web::service::HttpServiceFactory>::register::index::helper",
                "index::helper",
            ),
            (
                "<shop::pay::index as poem::Endpoint>::call::{{closure}}::index",
                "index",
            ),
            (
                "shop::pay::<impl web::Handler for shop::web::index>::handle::index",
                "index",
            ),
            ("shop::pay::index::index::{{closure}}", "index"),
        ] {
            let site = format!("{path}::__INSTRUMENTAL_SITE::__InstrumentalSite");
            assert_eq!(function_name(&site, "shop::pay"), name, "{path}");
        }
    }
}
