//! Stands in for the page server if no feature has pages.

use std::net::SocketAddr;

/// There is none.
#[derive(Clone)]
pub(crate) enum Page {}

/// There is none.
pub(crate) enum Server {}

/// Addresses for one listener: the first that can be bound is used.
pub(crate) type Candidates = Vec<SocketAddr>;

impl Server {
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
