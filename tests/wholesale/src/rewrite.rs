//! Inserts attributes into a file without changing its line numbers.

use crate::find::Finder;
use crate::plan::{Found, Left, Plan};
use proc_macro2::LineColumn;
use syn::spanned::Spanned as _;
use syn::visit::Visit as _;

/// A file that was rewritten.
#[derive(Debug)]
pub(crate) struct Rewritten {
    pub(crate) text: String,
    pub(crate) functions: Vec<Found>,
    pub(crate) left_out: Vec<Left>,
}

/// Annotates a file.
///
/// # Errors
///
/// The file is not a complete Rust file, but for example included as an expression, or the input of a test.
pub(crate) fn rewrite(source: &str, plan: &Plan) -> syn::Result<Rewritten> {
    let (mark, source) = match source.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", source),
    };
    let file = syn::parse_file(source)?;
    let mut finder = Finder::new(plan);
    if plan.extern_crate
        && let Some(first) = file.items.first()
    {
        finder.insert(first.span().start(), "extern crate instrumental; ");
    }
    finder.visit_file(&file);
    let text = insert(source, finder.insertions);
    Ok(Rewritten {
        text: format!("{mark}{text}"),
        functions: finder.functions,
        left_out: finder.left_out,
    })
}

/// Inserts texts at their places, keeping the order of those at the same place.
fn insert(source: &str, mut insertions: Vec<(LineColumn, String)>) -> String {
    insertions.sort_by_key(|(place, _)| (place.line, place.column));
    let mut insertions = insertions.into_iter().peekable();
    let mut text = String::with_capacity(source.len() * 2);
    for (index, line) in source.split_inclusive('\n').enumerate() {
        let mut done = 0;
        while let Some((place, new)) = insertions.next_if(|(place, _)| place.line == index + 1) {
            let upto = line.char_indices().nth(place.column);
            let upto = upto.map_or(line.len(), |(bytes, _)| bytes);
            text.push_str(&line[done..upto]);
            text.push_str(&new);
            done = upto;
        }
        text.push_str(&line[done..]);
    }
    text
}
