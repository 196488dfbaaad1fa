//! File identity on Windows.

use std::fs::File;
use std::io;
use std::path::Path;
use winapi_util::Handle;
use winapi_util::file::{Information, information};

/// The volume and the index of a file on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backend::logs) struct FileId(u64, u64);

impl FileId {
    fn new(found: &Information) -> Self {
        Self(found.volume_serial_number(), found.file_index())
    }

    /// Returns the identity of an open file.
    pub(in crate::backend::logs) fn of(file: &File) -> io::Result<Self> {
        information(file).map(|found| Self::new(&found))
    }

    /// Returns the identity of the file at a path, and its length in bytes.
    pub(super) fn at(path: &Path) -> io::Result<(Self, u64)> {
        let found = information(&Handle::from_path_any(path)?)?;
        Ok((Self::new(&found), found.file_size()))
    }
}
