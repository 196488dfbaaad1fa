//! The shape of the closure of `error_if`. The compiler checks its type, but reports a wrong shape in code of the expansion.

use super::options::Options;
use crate::grammar::Errors;
use crate::grammar::messages as say;
use syn::Expr;

/// Refuses closures without exactly one parameter, and expressions that cannot be functions.
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
