//! Reading files, printing, and replacing files atomically.

use crate::error::Error;
use crate::text::escape;
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use std::io::Write as _;
use std::path::Path;

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Reads a text file. The error names the file.
pub(crate) fn read(file: &Path) -> Result<String, Error> {
    let text = std::fs::read_to_string(file);
    text.map_err(|error| Error::new(format!("cannot read {}: {error}", file.display())))
}

/// Returns a value as indented JSON, with a newline at its end.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(value);
    let mut text = text.map_err(|error| Error::new(format!("cannot write JSON: {error}")))?;
    text.push('\n');
    Ok(text)
}

/// Prints a text to standard output. Colors are removed unless it is a terminal that supports them. A closed pipe
/// (`| head`) is not an error.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    match anstream::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::new(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Prints an error to standard error.
pub(crate) fn print_error(error: &Error) {
    let message = escape(&error.to_string());
    anstream::eprintln!("{ERROR}error:{ERROR:#} {message}");
}

/// Prints a remark about a place in the source to standard error.
pub(crate) fn print_remark(remark: &str) {
    anstream::eprintln!("{}", escape(remark));
}

/// Writes a file and creates its folders. The file is replaced in one step, so a reader sees either the old or the new
/// content.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
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
    write().map_err(|error| Error::new(format!("cannot write {}: {error}", path.display())))
}
