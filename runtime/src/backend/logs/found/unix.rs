//! File identity on Unix.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The device and the inode of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backend::logs) struct FileId(u64, u64);

impl FileId {
    fn new(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }

    /// Returns the identity of an open file.
    pub(in crate::backend::logs) fn of(file: &File) -> io::Result<Self> {
        file.metadata().map(|metadata| Self::new(&metadata))
    }

    /// Returns the identity of the file at a path, and its length in bytes.
    pub(super) fn at(path: &Path) -> io::Result<(Self, u64)> {
        fs::metadata(path).map(|metadata| (Self::new(&metadata), metadata.len()))
    }
}
