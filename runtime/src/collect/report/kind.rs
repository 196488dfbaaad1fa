//! What kind of error it is: its label, its type and its class. Of an error whose type only the running program knows,
//! those of its root.

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

/// Sources followed; a chain may be endless.
pub(super) const MAX_SOURCES: usize = 20;

/// Puts together what is known of an error. `type_name` is that of the returned value.
pub(crate) fn of<'a>(
    class: Option<Class>,
    value: FaultValue<'a>,
    type_name: &'static str,
) -> Fault<'a> {
    let (mut class, mut type_name) = (class, type_name);
    let mut root = None;
    match value {
        FaultValue::Dynamic(error) => {
            let found = asked(|| (class_of(error), root_of(error)));
            (class, root) = (class.or(found.0), found.1);
        }
        FaultValue::Within(within) => {
            type_name = within.type_name();
            if names::is_dynamic(type_name) {
                asked(|| within.with(&mut |error| root = root_of_unknown(error)));
            }
        }
        FaultValue::Error(error) if names::is_dynamic(type_name) => {
            root = asked(|| root_of_unknown(error));
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

/// Runs code of the error's own (`Debug`, `source()`): it may panic, or call annotated functions, after which nothing
/// would be known of a report.
fn asked<R: Default>(ask: impl FnOnce() -> R) -> R {
    let reported = context::just_reported();
    let answer = guarded(ask);
    context::set_just_reported(reported);
    answer.unwrap_or_else(|_| {
        dropped::count(DropReason::FieldPanicked);
        R::default()
    })
}

type Known<'a> = &'a (dyn Error + 'static);

fn chain(error: Known<'_>) -> impl Iterator<Item = Known<'_>> {
    std::iter::successors(Some(error), |&error| error.source()).take(MAX_SOURCES + 1)
}

/// What the first that is classified says of itself.
fn class_of(error: Known<'_>) -> Option<Class> {
    chain(error).find_map(|error| registry::classifiers().find_map(|class_of| class_of(error)))
}

/// The type of the innermost source that tells its own.
fn root_of(error: Known<'_>) -> Option<&'static str> {
    chain(error).filter_map(type_of).last()
}

/// Of an error that may live shorter: it can be nothing but asked.
fn root_of_unknown(error: &dyn Error) -> Option<&'static str> {
    let source = error.source().and_then(root_of);
    source.or_else(|| told(error))
}

/// The name of an error's type, where it is known from its value.
pub(super) fn type_of(error: Known<'_>) -> Option<&'static str> {
    known(error).or_else(|| told(error))
}

/// Of any error, as far as is known from its value and its type's name.
pub(super) fn named<E: Error + ?Sized>(error: &E) -> &'static str {
    let full = type_name::<E>();
    let root = names::is_dynamic(full).then(|| asked(|| root_of_unknown(&error)));
    root.flatten().unwrap_or(full)
}

macro_rules! known {
    ($($ty:ty)*) => {
        /// Types of `std` whose `Debug` does not begin with their names.
        fn known(error: Known<'_>) -> Option<&'static str> {
            $(if error.is::<$ty>() {
                return Some(type_name::<$ty>());
            })*
            None
        }
    };
}

known!(std::io::Error std::fmt::Error std::env::VarError std::num::ParseIntError std::num::ParseFloatError
    std::num::TryFromIntError std::str::Utf8Error std::string::FromUtf8Error std::net::AddrParseError
    std::sync::mpsc::RecvError std::sync::mpsc::RecvTimeoutError std::sync::mpsc::TryRecvError
    std::time::SystemTimeError);

/// The name that stands first in an error's `Debug`, as `sentry` reads it: derived, it is the type or the variant.
fn told<E: Debug + ?Sized>(error: &E) -> Option<&'static str> {
    let mut first = First::default();
    // It ends with an error where enough has been read.
    let _ = write!(first, "{error:?}");
    let text = first.text.as_str();
    // Of `io::Error`, whose `Debug` is that of its parts.
    if text.starts_with("Os { code: ") || text.starts_with("Custom { kind: ") {
        return Some(type_name::<std::io::Error>());
    }
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let (path, rest) = text.split_at(text.find(|c| !is_path(c)).unwrap_or(text.len()));
    let ends = rest.is_empty() || rest.starts_with('(') || rest.starts_with(" {");
    let name = path.rsplit(':').next().unwrap_or(path);
    let is_type = name.starts_with(char::is_uppercase) && path.len() <= MAX_NAME;
    // Contexts that libraries wrap around are called no more than that.
    if ends && is_type && path != "Error" {
        kept(path)
    } else {
        None
    }
}

/// Longest name that is taken for a type's.
const MAX_NAME: usize = 100;
/// So much tells what it is, where the name has ended.
const ENOUGH: usize = "Custom { kind: ".len();
/// Names kept; they are labels, which live as long as the program.
const MAX_NAMES: usize = 512;

/// The beginning of a text.
#[derive(Default)]
struct First {
    text: String,
}

impl Write for First {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAX_NAME + 2 - self.text.len();
        self.text.push_str(cut(text, room));
        let is_whole = self.text.len() >= ENOUGH && self.text.contains([' ', '(', '"']);
        if is_whole || text.len() >= room {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}

/// The same text, for good.
fn kept(name: &str) -> Option<&'static str> {
    static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut names = crate::base::fork::lock(&NAMES)?;
    if let Some(kept) = names.get(name) {
        return Some(kept);
    }
    if names.len() >= MAX_NAMES {
        return None;
    }
    let kept: &'static str = Box::leak(name.into());
    names.insert(kept);
    Some(kept)
}
