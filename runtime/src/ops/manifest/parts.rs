//! What several parts of the manifest have.

use crate::base::text::json::Object;

pub(super) fn number(object: &mut Object<'_>, key: &str, value: f64) {
    // JSON has no other numbers.
    let value = if value.is_finite() { value } else { 0.0 };
    object.plain(key, value);
}

pub(super) fn place(object: &mut Object<'_>, file: &str, line: u32, module: &str) {
    object.text("file", within_package(file));
    object.plain("line", line);
    object.text("module", module);
}

/// The path of a source file as its package has it. That of a dependency begins where this machine keeps it, which is
/// nobody's business and differs from machine to machine.
pub(super) fn within_package(file: &str) -> &str {
    if !std::path::Path::new(file).is_absolute() {
        return file;
    }
    let package = file.rfind("/src/").map_or("", |at| &file[..at]);
    let before = package.rfind('/').map_or(0, |at| at + 1);
    &file[before..]
}
