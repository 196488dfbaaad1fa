//! Replaces Unix sockets on systems without them: the types have no values.

use std::convert::Infallible;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

/// The path of a Unix socket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SocketPath(Infallible);

impl SocketPath {
    /// Returns `None`.
    pub(crate) fn new(_: &str) -> Option<Self> {
        None
    }

    pub(crate) fn inode(&self) -> Option<u64> {
        match self.0 {}
    }

    pub(crate) fn stream(&self) -> io::Result<UnixStream> {
        match self.0 {}
    }

    pub(crate) fn datagrams(&self) -> io::Result<UnixDatagram> {
        match self.0 {}
    }
}

impl fmt::Display for SocketPath {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

/// A stream to a Unix socket.
pub(crate) struct UnixStream(Infallible);

impl UnixStream {
    pub(crate) fn set_write_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        match self.0 {}
    }

    pub(crate) fn set_read_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        match self.0 {}
    }

    pub(crate) fn set_nonblocking(&self, _: bool) -> io::Result<()> {
        match self.0 {}
    }
}

impl Read for UnixStream {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        match self.0 {}
    }
}

impl Write for UnixStream {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        match self.0 {}
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0 {}
    }
}

/// A socket for datagrams.
pub(crate) struct UnixDatagram(Infallible);

impl UnixDatagram {
    pub(crate) fn set_write_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        match self.0 {}
    }

    pub(crate) fn send(&self, _: &[u8]) -> io::Result<usize> {
        match self.0 {}
    }
}

/// Returns `None`: this system has no inodes.
pub(crate) fn inode(_: impl AsRef<Path>) -> Option<u64> {
    None
}
