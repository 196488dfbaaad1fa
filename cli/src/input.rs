//! What commands read.

use crate::failure::Failure;
use std::path::Path;

/// The text of a file.
///
/// # Errors
/// It cannot be read, or is no text: the file and why.
pub(crate) fn read(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file);
    text.map_err(|error| Failure::new(format!("{} cannot be read: {error}", file.display())))
}
