//! Files on Linux, macOS and the other systems of this family.

use super::FoundFile;
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

    /// The identity of an open file.
    pub(in crate::backend::logs) fn of(file: &File) -> io::Result<Self> {
        file.metadata().map(|metadata| Self::new(&metadata))
    }
}

impl FoundFile {
    /// Looks at the file at a path.
    pub(in crate::backend::logs) fn at(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self {
            id: FileId::new(&metadata),
            len: metadata.len(),
        })
    }
}
