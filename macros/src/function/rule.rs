//! The closure of `error_if`, as far as its shape goes: the compiler has the types, but would tell of code nobody wrote.

use super::messages as say;
use super::options::Options;
use crate::grammar::Errors;
use syn::Expr;

/// Refuses what cannot be asked about the value that a function returns.
pub(crate) fn check(options: &Options, errors: &mut Errors) {
    let Some(rule) = &options.error_if else {
        return;
    };
    match syn::parse2::<Expr>(rule.clone()) {
        Ok(Expr::Closure(closure)) if closure.inputs.len() != 1 => {
            errors.at(rule, say::ERROR_IF);
        }
        Ok(Expr::Lit(_) | Expr::Binary(_) | Expr::Unary(_)) => errors.at(rule, say::ERROR_IF),
        _ => {}
    }
}
