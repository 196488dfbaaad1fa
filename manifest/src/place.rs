//! Places in the source.

/// The module path of everything that the library itself declares.
pub const LIBRARY: &str = "instrumental";

record! {
    /// A place in the source.
    #[derive(Default, Eq)]
    pub struct Place {
        /// The path of the file, relative to its package. Empty for what the library declares.
        file: String,
        /// The line, starting at 1.
        line: u32,
        /// The module's path.
        module: String,
    }
}

impl Place {
    /// Returns `file:line`, or the module if there is no file.
    ///
    /// ```
    /// use instrumental_manifest::Place;
    ///
    /// let place = Place { file: "src/payments.rs".into(), line: 40, module: "shop::payments".into() };
    /// assert_eq!(place.source(), "src/payments.rs:40");
    /// ```
    pub fn source(&self) -> String {
        if self.file.is_empty() {
            return self.module.clone();
        }
        format!("{}:{}", self.file, self.line)
    }

    /// Whether the place is in the library, rather than in the program's own source.
    pub fn is_in_library(&self) -> bool {
        is_in_library(&self.module)
    }
}

/// Whether a module belongs to the library.
///
/// ```
/// use instrumental_manifest::is_in_library;
///
/// assert!(is_in_library("instrumental::http"));
/// assert!(!is_in_library("instrumental_shop"));
/// ```
pub fn is_in_library(module: &str) -> bool {
    match module.strip_prefix(LIBRARY) {
        Some(rest) => rest.is_empty() || rest.starts_with("::"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_without_a_file_is_shown_as_its_module() {
        let mut place = Place {
            module: "instrumental".into(),
            ..Place::default()
        };
        assert_eq!(place.source(), "instrumental");
        assert!(place.is_in_library());
        (place.file, place.line) = ("src/a.rs".into(), 7);
        place.module = "instrumental_shop".into();
        assert_eq!(place.source(), "src/a.rs:7");
        assert!(!place.is_in_library());
    }
}
