//! Unix sockets. Where the operating system has none, no [`SocketPath`] can be made, and the rest of the code is the same.

#[cfg(not(unix))]
#[path = "elsewhere.rs"]
mod system;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;

pub(crate) use system::*;
