//! The handle of a page server, which stops when it is dropped.

use super::listen;
use super::page::Page;
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use tokio::sync::oneshot;

/// Addresses for one listener, which binds the first one that is free.
pub(crate) type Candidates = Vec<SocketAddr>;

/// Serves pages until it is dropped.
pub(crate) struct Server {
    addresses: Vec<SocketAddr>,
    first_path: &'static str,
    /// The server stops when this is dropped.
    stop: Option<oneshot::Sender<Infallible>>,
}

impl Server {
    /// Binds a listener for each place, and serves the pages at all of them.
    ///
    /// # Errors
    /// If no address of a place can be bound, or the system refuses a thread.
    pub(crate) fn start(places: &[Candidates], pages: Vec<Page>) -> std::io::Result<Self> {
        let bind = |place: &Candidates| {
            let listener = TcpListener::bind(place.as_slice())?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        };
        let listeners = places.iter().map(bind);
        let listeners = listeners.collect::<std::io::Result<Vec<_>>>()?;
        let addresses = listeners.iter().map(TcpListener::local_addr);
        let addresses = addresses.collect::<std::io::Result<Vec<_>>>()?;
        let first_path = pages.first().map_or("/", |page| page.path);
        let stop = listen::start(listeners, pages)?;
        Ok(Self {
            addresses,
            first_path,
            stop: Some(stop),
        })
    }

    /// Returns the addresses that it listens at.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Returns the name and the URL of its first page, at each address.
    pub(crate) fn urls(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        let path = self.first_path;
        let name = if path == "/" { "live view" } else { "metrics" };
        let addresses = self.addresses.iter();
        addresses.map(move |address| (name, format!("http://{address}{path}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A forked process does not have the server thread. Dropping the sender could wait for a lock that this thread held
        // at the time of the fork.
        if crate::base::fork::is_child() {
            std::mem::forget(self.stop.take());
        }
    }
}
