//! Unix sockets.

use std::fmt;
use std::io;
use std::os::unix::fs::MetadataExt;
pub(crate) use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};

/// The absolute path of a Unix socket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SocketPath(PathBuf);

impl SocketPath {
    /// Returns the socket path, or `None` if the path is not absolute.
    pub(crate) fn new(path: &str) -> Option<Self> {
        path.starts_with('/').then(|| Self(path.into()))
    }

    /// Returns the inode of the socket. It changes when a server binds the path again.
    pub(crate) fn inode(&self) -> Option<u64> {
        inode(&self.0)
    }

    /// Connects a stream.
    pub(crate) fn stream(&self) -> io::Result<UnixStream> {
        UnixStream::connect(&self.0)
    }

    /// Connects a datagram socket.
    pub(crate) fn datagrams(&self) -> io::Result<UnixDatagram> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(&self.0)?;
        Ok(socket)
    }
}

impl fmt::Display for SocketPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

/// Returns the inode of the file at a path.
pub(crate) fn inode(path: impl AsRef<Path>) -> Option<u64> {
    std::fs::metadata(path).ok().map(|metadata| metadata.ino())
}
