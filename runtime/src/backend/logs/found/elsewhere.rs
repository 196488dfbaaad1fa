//! File identity on systems without one in the standard library.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// The creation time of a file, if the file system records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backend::logs) struct FileId(Option<SystemTime>);

impl FileId {
    /// Returns the identity of an open file.
    pub(in crate::backend::logs) fn of(file: &File) -> io::Result<Self> {
        file.metadata()
            .map(|metadata| Self(metadata.created().ok()))
    }

    /// Returns the identity of the file at a path, and its length in bytes.
    pub(super) fn at(path: &Path) -> io::Result<(Self, u64)> {
        fs::metadata(path).map(|metadata| (Self(metadata.created().ok()), metadata.len()))
    }
}
