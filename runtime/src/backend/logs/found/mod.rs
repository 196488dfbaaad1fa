//! Identity and length of the file at a path, which are checked before each write. Each operating system identifies files
//! in its own way.

#[cfg(not(any(unix, windows)))]
#[path = "elsewhere.rs"]
mod system;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

pub(super) use system::FileId;

/// The file at a path.
pub(super) struct FoundFile {
    /// Its identity.
    pub(super) id: FileId,
    /// Its length in bytes.
    pub(super) len: u64,
}

impl FoundFile {
    /// Reads the identity and the length of the file at a path.
    pub(super) fn at(path: &std::path::Path) -> std::io::Result<Self> {
        FileId::at(path).map(|(id, len)| Self { id, len })
    }
}
