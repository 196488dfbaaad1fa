//! The catalog: every annotated function, metric and business event of the program, as declared.

mod check;
mod entry;

pub use check::CatalogError;
pub use entry::{CatalogEntry, CatalogKind, CatalogLabel};

use crate::collect::registry;

/// Everything the program can report. [`catalog`] returns it.
///
/// ```
/// for entry in instrumental::catalog().entries() {
///     println!("{} {} ({}:{})", entry.kind.as_str(), entry.name, entry.file, entry.line);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Catalog {
    entries: Vec<CatalogEntry>,
}

impl Catalog {
    /// Returns functions, events and metrics, sorted by kind and name.
    #[must_use]
    pub fn entries(&self) -> &[CatalogEntry] {
        &self.entries
    }

    /// Checks what the compiler cannot: that names are unique, also in Prometheus's spelling, and that alerts watch signals
    /// that are recorded.
    ///
    /// ```standalone_crate
    /// assert_eq!(instrumental::catalog().check(), Ok(()));
    /// ```
    ///
    /// # Errors
    /// Returns every problem, with the source lines of the declarations.
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
    // Items are linked in an arbitrary order.
    entries.sort_by_key(|entry| (entry.kind, entry.name, entry.file, entry.line));
    Catalog { entries }
}

/// Runs [`Catalog::check`] on the whole program, with its dependencies.
///
/// As a test of its own:
///
/// ```standalone_crate
/// instrumental::check!(fn names_are_unique);
/// # instrumental::check!();
/// ```
///
/// In the body of a test:
///
/// ```standalone_crate
/// instrumental::check!();
/// ```
///
/// # Panics
/// Panics with the list of problems if there are any.
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

/// Checks the catalog for `check!`.
#[track_caller]
pub fn assert_checked() {
    if let Err(error) = catalog().check() {
        panic!("{error}");
    }
}
