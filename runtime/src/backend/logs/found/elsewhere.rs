//! Files where the standard library knows no identity of a file.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// The time at which a file was created, where the system keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backend::logs) struct FileId(Option<SystemTime>);

impl FileId {
    /// The identity of an open file.
    pub(in crate::backend::logs) fn of(file: &File) -> io::Result<Self> {
        file.metadata()
            .map(|metadata| Self(metadata.created().ok()))
    }

    /// The identity of the file at a path, and its length in bytes.
    pub(super) fn at(path: &Path) -> io::Result<(Self, u64)> {
        fs::metadata(path).map(|metadata| (Self(metadata.created().ok()), metadata.len()))
    }
}
