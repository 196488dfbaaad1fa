//! Short names of types, for labels.

/// Types that wrap another type. The inner type gives the name.
const WRAPPERS: [&str; 18] = [
    "Arc",
    "Box",
    "Rc",
    "Pin",
    "Cow",
    "Json",
    "JsonRpc",
    "Html",
    "Form",
    "Xml",
    "Yaml",
    "Toml",
    "Cbor",
    "MsgPack",
    "Protobuf",
    "Extension",
    "ErrorResponse",
    "Report",
];

/// Types in tuples that do not identify an error: texts, numbers, and other parts of a response.
const NOT_ERRORS: [&str; 22] = [
    "StatusCode",
    "HeaderMap",
    "HeaderName",
    "HeaderValue",
    "String",
    "str",
    "bool",
    "char",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
];

/// Shortens a type name: `shop::PayError<c::D>`, `Box<PayError>`, `(u16, PayError)` and `Json<PayError>` all become
/// `PayError`. A type named `Error` keeps the module that distinguishes it: `std::io::error::Error` becomes
/// `io::error::Error`.
///
/// Compares bytes rather than characters, because this runs at every failing call.
pub(crate) fn short(full: &'static str) -> &'static str {
    let is_path = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b':' || *byte == b'_';
    if full.bytes().all(|byte| is_path(&byte)) {
        return short_of_path(full);
    }
    short_of_compound(full)
}

/// Returns the last segment of a path; if that is `Error` or similar, with the segment before it.
fn short_of_path(path: &'static str) -> &'static str {
    let bytes = path.as_bytes();
    let mut start = bytes.len();
    loop {
        let from = bytes[..start].iter().rposition(|byte| *byte == b':');
        let segment = from.map_or(0, |colon| colon + 1);
        let name = &bytes[segment..start];
        let is_vague = [&b"error"[..], b"err", b"report"]
            .iter()
            .any(|vague| name.eq_ignore_ascii_case(vague));
        if segment < 2 || !is_vague {
            return path.get(segment..).unwrap_or(path);
        }
        start = segment - 2;
    }
}

/// Shortens the name of a type that is not just a path.
fn short_of_compound(full: &'static str) -> &'static str {
    let full = without_references(full);
    if let Some(of) = full.strip_prefix("dyn ") {
        let first = of.split(" + ").next().unwrap_or(of);
        let is_error = matches!(first, "core::error::Error" | "std::error::Error");
        return if is_error { "dyn Error" } else { short(first) };
    }
    if let Some(parts) = full
        .strip_prefix('(')
        .and_then(|full| full.strip_suffix(')'))
    {
        return short_of_tuple(parts).unwrap_or(full);
    }
    let (path, arguments) = split(full);
    if path.is_empty() || path == full && full.contains(['[', '(', ' ', '*']) {
        return full;
    }
    let name = short_of_path(path);
    match first_type(arguments) {
        Some(inner) if WRAPPERS.contains(&last_segment(path)) => short(inner),
        _ => name,
    }
}

/// Returns whether the type is a trait object, or a pointer to one.
pub(crate) fn is_dynamic(full: &'static str) -> bool {
    let full = without_references(full);
    let is_wrapper = || {
        let (path, arguments) = split(full);
        WRAPPERS.contains(&last_segment(path)) && first_type(arguments).is_some_and(is_dynamic)
    };
    full.starts_with("dyn ") || full.ends_with('>') && is_wrapper()
}

/// Removes leading references.
fn without_references(full: &'static str) -> &'static str {
    let mut rest = full;
    while let Some(inner) = rest.strip_prefix('&') {
        rest = inner.strip_prefix("mut ").unwrap_or(inner);
    }
    rest
}

/// Returns the element of a tuple that identifies the error: one whose name contains "Err", "Fail" or "Fault", else one
/// that is not a text or a number.
fn short_of_tuple(parts: &'static str) -> Option<&'static str> {
    let names = || top_level(parts).into_iter().map(short);
    let is_called_error =
        |name: &&str| name.contains("Err") || name.contains("Fail") || name.contains("Fault");
    let is_own = |name: &&str| !NOT_ERRORS.contains(name) && !name.starts_with(['[', '(']);
    names()
        .rfind(is_called_error)
        .or_else(|| names().rfind(is_own))
        .or_else(|| names().find(|name| *name == "StatusCode"))
        .or_else(|| names().next_back())
}

/// Splits a type into path and arguments: `a::B<C, D>` into `a::B` and `C, D`. For an item inside an `impl`,
/// `<A as B>::c::D`, only the part after the `impl` counts.
fn split(full: &'static str) -> (&'static str, &'static str) {
    let (mut start, mut open) = (0, None);
    for (at, byte) in top_level_bytes(full) {
        match byte {
            b'<' if open.is_none() => open = Some(at),
            b':' if open.is_some() => (start, open) = (at, None),
            _ => {}
        }
    }
    let path = full[start..open.unwrap_or(full.len())].trim_start_matches(':');
    let arguments = open.map_or("", |open| &full[open + 1..]);
    (path, arguments.strip_suffix('>').unwrap_or_default())
}

/// Returns the bytes outside brackets, and the opening brackets themselves, with their positions.
fn top_level_bytes(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let (mut depth, mut before) = (0_usize, 0);
    text.bytes().enumerate().filter(move |(_, byte)| {
        let outside = depth == 0;
        match byte {
            b'<' | b'(' | b'[' => depth += 1,
            // Part of an arrow, not a bracket.
            b'>' if before == b'-' => {}
            b'>' | b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = *byte;
        outside
    })
}

/// Splits a list at the commas outside brackets.
fn top_level(list: &'static str) -> Vec<&'static str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in top_level_bytes(list).filter(|(_, byte)| *byte == b',') {
        parts.push(list[start..at].trim());
        start = at + 1;
    }
    parts.push(list[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// Returns the first argument that is a type, not a lifetime.
fn first_type(arguments: &'static str) -> Option<&'static str> {
    let is_type = |part: &&str| !part.starts_with('\'');
    top_level(arguments).into_iter().find(is_type)
}

fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::short;
    use std::any::type_name;

    struct Other<T>(T);
    struct Json<T>(T);
    struct SeenError<T>(T);
    struct StatusCode;
    mod html {
        pub(super) struct Error;
    }

    #[test]
    fn names_of_types() {
        assert_eq!(short(type_name::<std::io::Error>()), "io::error::Error");
        assert_eq!(short(type_name::<Other<std::io::Error>>()), "Other");
        assert_eq!(short(type_name::<SeenError<Other<u8>>>()), "SeenError");
        assert_eq!(short(type_name::<str>()), "str");
        assert_eq!(short(type_name::<[u8]>()), "[u8]");
        assert_eq!(short(type_name::<()>()), "()");
    }

    #[test]
    fn f63_names_of_wrapped_errors() {
        assert_eq!(
            short(type_name::<Box<dyn std::error::Error>>()),
            "dyn Error"
        );
        assert_eq!(
            short(type_name::<&(dyn std::error::Error + Send)>()),
            "dyn Error"
        );
        assert_eq!(
            short(type_name::<std::sync::Arc<html::Error>>()),
            "html::Error"
        );
        assert_eq!(short(type_name::<&mut Box<SeenError<u8>>>()), "SeenError");
        assert_eq!(short(type_name::<Json<html::Error>>()), "html::Error");
        assert_eq!(short(type_name::<Json<Other<u8>>>()), "Other");
    }

    #[test]
    fn f63_names_of_tuples() {
        let name = short(type_name::<(StatusCode, html::Error)>());
        assert_eq!(name, "html::Error");
        assert_eq!(short(type_name::<(StatusCode, Json<Other<u8>>)>()), "Other");
        assert_eq!(short(type_name::<(html::Error, usize)>()), "html::Error");
        assert_eq!(
            short(type_name::<(Other<u8>, SeenError<u8>, Other<u8>)>()),
            "SeenError"
        );
        assert_eq!(short(type_name::<(StatusCode, String)>()), "StatusCode");
        assert_eq!(
            short(type_name::<(StatusCode, [(&str, &str); 2], String)>()),
            "StatusCode"
        );
        assert_eq!(short(type_name::<(u8, &'static str)>()), "str");
    }

    #[test]
    fn names_of_types_in_functions_of_an_impl() {
        assert_eq!(short("<a::B as c::D<e::F>>::g::Inner"), "Inner");
        assert_eq!(short("a::<impl b::C>::d::Inner<e::F>"), "Inner");
        assert_eq!(short("a::B<fn() -> c::D>::e::Error"), "e::Error");
    }
}
