//! How the call of a function is measured, chosen by its signature. ARCHITECTURE.md says what each form preserves.

use super::borrowing::{self, Scope};
use super::declaration::Declaration;
use super::item::Function;
use super::tail::{self, Tail};
use super::types;
use syn::Type;

/// Where the call of a function begins and ends.
pub(crate) enum Form {
    /// An `async fn`; its value may be an error.
    Async { fallible: bool },
    /// The body stays in its place: its value is not an error, or is not available.
    Guarded,
    /// The value is inspected when it is returned.
    Value,
    /// As `Value`, unless the type turns out to be a boxed future or stream. That is put into another box, if one of the
    /// same type can be made.
    Inferred { boxed: bool },
    /// The call is that of the async block at the end of the body: as `instrument` has it, or if the returned box
    /// cannot be made again.
    Tail(Tail),
    /// `-> impl Future`, with its output if that is spelled.
    Future(Option<Type>),
    /// `-> impl Stream`, with its item if that is spelled.
    Stream(Option<Type>),
}

/// Chooses the form.
pub(crate) fn choose(function: &Function, declaration: &Declaration) -> Form {
    let output = function.output();
    if function.sig.asyncness.is_some() {
        let fallible = output.is_some_and(|ty| !types::is_infallible(ty));
        return Form::Async { fallible };
    }
    let body = function.body.as_ref().filter(|_| declaration.drop_in);
    if let Some(tail) = body.and_then(|body| tail::of(body, output)) {
        return Form::Tail(tail);
    }
    match output {
        Some(Type::Never(_)) => return Form::Guarded,
        _ if function.has_attribute("track_caller") => return Form::Guarded,
        Some(Type::ImplTrait(opaque)) => match types::opaque(&opaque.bounds) {
            types::Opaque::Future(output) => return Form::Future(output),
            types::Opaque::Stream(item) => return Form::Stream(item),
            types::Opaque::Other => {}
        },
        _ => {}
    }
    match output {
        Some(ty) if !types::is_infallible(ty) => of_fallible(ty, function, declaration),
        _ if needs_value(declaration) => Form::Value,
        _ => Form::Guarded,
    }
}

/// The form for a type whose values may be errors, or a future or stream in a box.
fn of_fallible(ty: &Type, function: &Function, declaration: &Declaration) -> Form {
    // `error_if` on a type that is not a box by its name judges the returned value.
    let has_rule = declaration.options.error_if.is_some() && !types::is_boxed(ty);
    if has_rule || types::is_surely_a_value(ty) {
        return Form::Value;
    }
    let boxed = !borrowing::is_box_of_borrowed(ty, &Scope::of(function));
    // An async block at the end of the body can be measured even if its box cannot.
    let body = function.body.as_ref().filter(|_| !boxed);
    match body.and_then(|body| tail::of(body, Some(ty))) {
        Some(tail) => Form::Tail(tail),
        None => Form::Inferred { boxed },
    }
}

/// Whether an option inspects the value, whatever its type.
fn needs_value(declaration: &Declaration) -> bool {
    let options = &declaration.options;
    !declaration.events.is_empty()
        || options.err.is_some()
        || options.ret.is_some()
        || options.error_if.is_some()
        || options.none.is_some()
}

/// Whether what the function returns runs after the function has returned: a future or a stream, also in a box. A box behind
/// another alias borrows from the function, which the compiler refuses.
pub(crate) fn outlives(form: &Form, output: Option<&Type>) -> bool {
    match form {
        Form::Future(_) | Form::Stream(_) => true,
        Form::Inferred { boxed } => *boxed && output.is_some_and(types::is_boxed),
        Form::Async { .. } | Form::Guarded | Form::Tail(_) | Form::Value => false,
    }
}

/// Whether the errors of the function may implement traits for some lifetimes only.
pub(crate) fn has_borrowing_error(function: &Function, form: &Form) -> bool {
    let inspected = match form {
        Form::Future(ty) | Form::Stream(ty) => ty.as_ref(),
        _ => function.output(),
    };
    inspected.is_some_and(|ty| borrowing::has_borrowing_error(ty, &Scope::of(function)))
}
