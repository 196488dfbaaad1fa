//! All permutations of lists, for tests: the meaning of a list must not depend on its order or on a trailing comma.

use proc_macro2::TokenStream;
use quote::quote;

/// Calls `check` with every subset of `parts` in every order, with and without a trailing comma. Its arguments are the list
/// and which of the parts it contains.
pub(crate) fn each(parts: &[TokenStream], check: &mut dyn FnMut(TokenStream, &[bool])) {
    extend(parts, &mut Vec::new(), check);
}

fn extend(
    parts: &[TokenStream],
    chosen: &mut Vec<usize>,
    check: &mut dyn FnMut(TokenStream, &[bool]),
) {
    let list: Vec<_> = chosen.iter().map(|at| &parts[*at]).collect();
    let within: Vec<bool> = (0..parts.len()).map(|at| chosen.contains(&at)).collect();
    check(quote!(#(#list),*), &within);
    check(quote!(#(#list,)*), &within);
    for at in 0..parts.len() {
        if !chosen.contains(&at) {
            chosen.push(at);
            extend(parts, chosen, check);
            chosen.pop();
        }
    }
}
