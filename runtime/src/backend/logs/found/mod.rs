//! What a log file is checked for before each write. Each operating system identifies a file in its own way.

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

/// The file that was found at a path.
pub(super) struct FoundFile {
    /// Which file it is.
    pub(super) id: FileId,
    /// Its length in bytes.
    pub(super) len: u64,
}

impl FoundFile {
    /// Looks at the file at a path.
    pub(super) fn at(path: &std::path::Path) -> std::io::Result<Self> {
        FileId::at(path).map(|(id, len)| Self { id, len })
    }
}
