//! What the program can report: every annotated function, metric and business event, as they were declared.

mod check;
mod entry;

pub use check::CatalogError;
pub use entry::{CatalogEntry, CatalogKind, CatalogLabel};

use crate::collect::registry;

/// Everything the program can report. Made by [`catalog`].
#[derive(Clone, Debug)]
pub struct Catalog {
    entries: Vec<CatalogEntry>,
}

impl Catalog {
    /// Functions, events and metrics, each kind by name.
    #[must_use]
    pub fn entries(&self) -> &[CatalogEntry] {
        &self.entries
    }

    /// Finds what the compiler could not see: names that are declared twice, and names that become one in Prometheus.
    ///
    /// # Errors
    /// Lists every fault with the source lines of both declarations.
    pub fn check(&self) -> Result<(), CatalogError> {
        check::check(&self.entries)
    }
}

/// Lists every annotated function, metric and business event that is linked into the program.
///
/// ```
/// # use instrumental::catalog;
/// #[catalog]
/// mod jobs {
///     /// Jobs posted.
///     pub fn posted() -> Counter;
/// }
///
/// let catalog = instrumental::catalog();
/// let posted = catalog.entries().iter().find(|entry| entry.name == "jobs.posted").unwrap();
/// assert_eq!(posted.help.trim(), "Jobs posted.");
/// ```
#[must_use]
pub fn catalog() -> Catalog {
    let mut entries: Vec<_> = registry::sites().map(CatalogEntry::of_site).collect();
    entries.extend(registry::families().map(|family| CatalogEntry::of_family(family.spec())));
    entries.extend(registry::events().flat_map(CatalogEntry::of_event));
    // The linker's order says nothing.
    entries.sort_by_key(|entry| (entry.kind, entry.name, entry.file, entry.line));
    Catalog { entries }
}

/// Checks the names of all metrics and events of a program, those of its dependencies included: [`Catalog::check`].
/// One line in a test:
///
/// ```standalone_crate
/// instrumental::check!(fn names_are_unique);
/// # instrumental::check!();
/// ```
/// or, in the body of a test of your own:
///
/// ```standalone_crate
/// instrumental::check!();
/// ```
///
/// # Panics
/// With the list of faults.
#[macro_export]
macro_rules! check {
    () => {
        $crate::__private::check()
    };
    (fn $name:ident) => {
        #[test]
        fn $name() {
            $crate::__private::check();
        }
    };
}

/// What `check!` runs.
#[track_caller]
pub fn assert_checked() {
    if let Err(error) = catalog().check() {
        panic!("{error}");
    }
}
