//! Unix sockets. On systems without them no [`SocketPath`] can be created, so the rest of the code needs no `cfg`.

#[cfg(not(unix))]
#[path = "elsewhere.rs"]
mod system;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;

pub(crate) use system::*;
