//! Replaces the page server if no enabled feature has pages.

use std::net::SocketAddr;

/// A page, which has no values.
#[derive(Clone)]
pub(crate) enum Page {}

/// A server, which has no values.
pub(crate) enum Server {}

/// Addresses for one listener, which binds the first one that is free.
pub(crate) type Candidates = Vec<SocketAddr>;

impl Server {
    /// Returns an error.
    ///
    /// # Errors
    /// Always.
    pub(crate) fn start(_: &[Candidates], _: Vec<Page>) -> std::io::Result<Self> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        match *self {}
    }

    pub(crate) fn urls(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        std::iter::empty()
    }
}
