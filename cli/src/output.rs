//! What commands write: to the terminal, or to files that are replaced whole.

use crate::failure::Failure;
use serde::Serialize;
use std::io::Write as _;
use std::path::Path;

/// A value as JSON for people and programs, with a newline at its end.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    let mut text = text.map_err(|error| Failure::new(format!("not to be had as JSON: {error}")))?;
    text.push('\n');
    Ok(text)
}

/// Prints a text. A reader that went away (`| head`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("nothing can be printed: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a file whole, with the folders above it: whoever reads it has the old one or the new one.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let new = path.with_file_name(name);
        let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, path));
        if written.is_err() {
            let _ = std::fs::remove_file(&new);
        }
        written
    };
    write().map_err(|error| Failure::new(format!("{} is not written: {error}", path.display())))
}
