//! Classification of errors: label, type and class. For an error whose type is known only at run time, those of its root
//! cause.

use crate::base::internal_thread::guarded;
use crate::collect::trace::context;
use crate::collect::{dropped, registry};
use crate::model::cut::cut;
use crate::model::drop_reason::DropReason;
use crate::model::fault::{Class, ErrorClass, Fault, FaultValue};
use crate::model::names;
use std::any::type_name;
use std::collections::HashSet;
use std::error::Error;
use std::fmt::{self, Debug, Write};
use std::sync::{LazyLock, Mutex};

/// Maximum number of sources that are followed, because a chain may be endless.
pub(super) const MAX_SOURCES: usize = 20;

/// Builds the description of an error. `type_name` is the type of the returned value.
pub(crate) fn of<'a>(
    class: Option<Class>,
    value: FaultValue<'a>,
    type_name: &'static str,
) -> Fault<'a> {
    let (mut class, mut type_name) = (class, type_name);
    let mut root = None;
    match value {
        FaultValue::Dynamic(error) => {
            let found = probe(|| (class_of(error), root_of(error)));
            (class, root) = (class.or(found.0), found.1);
        }
        FaultValue::Within(within) => {
            type_name = within.type_name();
            if names::is_dynamic(type_name) {
                probe(|| within.with(&mut |error| root = root_of_unknown(error)));
            }
        }
        FaultValue::Error(error) if names::is_dynamic(type_name) => {
            root = probe(|| root_of_unknown(error));
        }
        _ => {}
    }
    let type_name = root.unwrap_or(type_name);
    let (label, class) =
        class.unwrap_or_else(|| (names::short(type_name), ErrorClass::UNCLASSIFIED));
    Fault {
        label,
        type_name,
        class,
        reported: true,
        value,
    }
}

/// Runs the error's own code (`Debug`, `source()`). It may panic; it may also call annotated functions, which would reset the
/// thread's `just_reported` flag, so that is restored.
fn probe<R: Default>(read: impl FnOnce() -> R) -> R {
    let reported = context::just_reported();
    let answer = guarded(read);
    context::set_just_reported(reported);
    answer.unwrap_or_else(|_| {
        dropped::count(DropReason::FieldPanicked);
        R::default()
    })
}

type DynError<'a> = &'a (dyn Error + 'static);

/// Returns the error and its sources.
fn chain(error: DynError<'_>) -> impl Iterator<Item = DynError<'_>> {
    std::iter::successors(Some(error), |&error| error.source()).take(MAX_SOURCES + 1)
}

/// Returns the label and class of the first error in the chain that is classified.
fn class_of(error: DynError<'_>) -> Option<Class> {
    chain(error).find_map(|error| registry::classifiers().find_map(|class_of| class_of(error)))
}

/// Returns the type of the innermost source whose type can be found out.
fn root_of(error: DynError<'_>) -> Option<&'static str> {
    chain(error).filter_map(type_of).last()
}

/// Returns the root's type for an error that is not `'static`, and so cannot be downcast.
fn root_of_unknown(error: &dyn Error) -> Option<&'static str> {
    let source = error.source().and_then(root_of);
    source.or_else(|| name_in_debug(error))
}

/// Returns the name of an error's type, if it can be found out from the value.
pub(super) fn type_of(error: DynError<'_>) -> Option<&'static str> {
    std_type_name(error).or_else(|| name_in_debug(error))
}

/// Returns the name of an error's type, or of its root cause's type if it is a trait object.
pub(super) fn type_name_of<E: Error + ?Sized>(error: &E) -> &'static str {
    let full = type_name::<E>();
    let root = names::is_dynamic(full).then(|| probe(|| root_of_unknown(&error)));
    root.flatten().unwrap_or(full)
}

macro_rules! std_types {
    ($($ty:ty)*) => {
        /// Returns the type's name for types of `std` whose `Debug` output does not begin with it.
        fn std_type_name(error: DynError<'_>) -> Option<&'static str> {
            $(if error.is::<$ty>() {
                return Some(type_name::<$ty>());
            })*
            None
        }
    };
}

std_types!(std::io::Error std::fmt::Error std::env::VarError std::num::ParseIntError std::num::ParseFloatError
    std::num::TryFromIntError std::str::Utf8Error std::string::FromUtf8Error std::net::AddrParseError
    std::sync::mpsc::RecvError std::sync::mpsc::RecvTimeoutError std::sync::mpsc::TryRecvError
    std::time::SystemTimeError);

/// Returns the name at the beginning of an error's `Debug` output, as the `sentry` crate does. If `Debug` is derived, it is
/// the name of the type or the variant.
fn name_in_debug<E: Debug + ?Sized>(error: &E) -> Option<&'static str> {
    let mut first = DebugPrefix::default();
    // The writer fails once it has read enough.
    let _ = write!(first, "{error:?}");
    let text = first.text.as_str();
    // `io::Error` writes the `Debug` output of its parts.
    if text.starts_with("Os { code: ") || text.starts_with("Custom { kind: ") {
        return Some(type_name::<std::io::Error>());
    }
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let (path, rest) = text.split_at(text.find(|c| !is_path(c)).unwrap_or(text.len()));
    let ends = rest.is_empty() || rest.starts_with('(') || rest.starts_with(" {");
    let name = path.rsplit(':').next().unwrap_or(path);
    let is_type = name.starts_with(char::is_uppercase) && path.len() <= MAX_NAME;
    // Types named just `Error` are usually wrappers that add context.
    if ends && is_type && path != "Error" {
        intern(path)
    } else {
        None
    }
}

/// Maximum length of a type's name, in bytes.
const MAX_NAME: usize = 100;
/// Number of bytes that suffice to recognise a name.
const PREFIX: usize = "Custom { kind: ".len();
/// Maximum number of interned names. They are labels, which are never freed.
const MAX_NAMES: usize = 512;

/// The beginning of a `Debug` output.
#[derive(Default)]
struct DebugPrefix {
    text: String,
}

impl Write for DebugPrefix {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAX_NAME + 2 - self.text.len();
        self.text.push_str(cut(text, room));
        let is_whole = self.text.len() >= PREFIX && self.text.contains([' ', '(', '"']);
        if is_whole || text.len() >= room {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}

/// Interns a name. Returns `None` if there are too many.
fn intern(name: &str) -> Option<&'static str> {
    static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut names = crate::base::fork::lock(&NAMES)?;
    if let Some(interned) = names.get(name) {
        return Some(interned);
    }
    if names.len() >= MAX_NAMES {
        return None;
    }
    let interned: &'static str = Box::leak(name.into());
    names.insert(interned);
    Some(interned)
}
