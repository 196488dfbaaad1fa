//! A body whose last expression is `async { .. }` or `Box::pin(async { .. })`. As in `tracing::instrument`, the span is that of
//! the block and begins with the first poll; the statements before run outside of it.

use super::types;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::Type;

/// The parts of such a body.
pub(crate) struct Tail {
    /// The statements before.
    pub(crate) before: TokenStream,
    /// `Box::pin`, if the block is its argument.
    pub(crate) boxed: Option<TokenStream>,
    pub(crate) by_move: bool,
    /// The statements of the async block.
    pub(crate) block: Group,
    /// The output of the block, if the function's type spells it.
    pub(crate) output: Option<Type>,
}

/// Splits such a body into its parts.
pub(crate) fn of(body: &Group, output: Option<&Type>) -> Option<Tail> {
    let mut tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let output = output.and_then(types::future_output);
    if let Some((by_move, block)) = block(&mut tokens) {
        return is_statement_end(&tokens).then(|| Tail {
            before: tokens.into_iter().collect(),
            boxed: None,
            by_move,
            block,
            output,
        });
    }
    let Some(TokenTree::Group(arguments)) = tokens.pop() else {
        return None;
    };
    let mut inner: Vec<TokenTree> = arguments.stream().into_iter().collect();
    if is(inner.last(), ',') {
        inner.pop();
    }
    let (by_move, block) = block(&mut inner)?;
    // `Box`, `:`, `:`, `pin`
    let path = tokens.split_off(tokens.len().checked_sub(4)?);
    let is_path = path.iter().map(ToString::to_string).collect::<String>() == "Box::pin";
    let found = inner.is_empty()
        && arguments.delimiter() == Delimiter::Parenthesis
        && is_path
        && is_statement_end(&tokens);
    found.then(|| Tail {
        before: tokens.into_iter().collect(),
        boxed: Some(path.into_iter().collect()),
        by_move,
        block,
        output,
    })
}

/// Removes `async { .. }` or `async move { .. }` from the end.
fn block(tokens: &mut Vec<TokenTree>) -> Option<(bool, Group)> {
    let block = match tokens.last() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group.clone(),
        _ => return None,
    };
    let word = |at: usize| match tokens.len().checked_sub(at).and_then(|at| tokens.get(at)) {
        Some(TokenTree::Ident(word)) => Some(Ident::to_string(word)),
        _ => None,
    };
    let (by_move, length) = match (word(3).as_deref(), word(2).as_deref()) {
        (Some("async"), Some("move")) => (true, 3),
        (_, Some("async")) => (false, 2),
        _ => return None,
    };
    tokens.truncate(tokens.len() - length);
    Some((by_move, block))
}

/// Whether an expression after these tokens begins a statement.
fn is_statement_end(before: &[TokenTree]) -> bool {
    match before.last() {
        None => true,
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        token => is(token, ';'),
    }
}

fn is(token: Option<&TokenTree>, c: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}
