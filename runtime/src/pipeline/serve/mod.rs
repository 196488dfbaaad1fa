//! The pages of the process (`/metrics`, the live view, profiles), served over HTTP/1.1 on a thread of their own.
//!
//! hyper speaks the protocol. What a page server on an operator's machine needs beyond that is here: which hosts and
//! origins are answered (`access`), how many connections a client may hold (`connections`), and how long it may take
//! to read an answer (`socket`).

mod access;
mod body;
mod connections;
mod listen;
mod respond;
mod socket;

use std::convert::Infallible;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use tokio::sync::oneshot;

/// A request, as far as pages look at it.
pub(crate) struct Request {
    /// What follows the `?` of the target.
    pub(crate) query: String,
    /// The `Accept` header, or nothing.
    pub(crate) accept: String,
    /// The client asked by `HEAD`: it reads no body.
    pub(crate) is_head: bool,
    /// The other end is dropped when the client closes the connection.
    client: Receiver<Infallible>,
}

/// The client closed the connection before it was answered.
#[derive(Debug)]
pub(crate) struct ClientLeft;

impl Request {
    /// Returns a parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Blocks for `duration`, or until the client leaves.
    ///
    /// # Errors
    /// The client closed the connection, or the server stopped.
    pub(crate) fn wait(&self, duration: Duration) -> Result<(), ClientLeft> {
        match self.client.recv_timeout(duration) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(ClientLeft),
        }
    }
}

/// Headers of one page, besides those of all.
pub(crate) type Headers = &'static [(&'static str, &'static str)];

/// What a page answers.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Headers,
    pub(crate) body: Body,
}

/// The body of an answer.
pub(crate) enum Body {
    Whole(Vec<u8>),
    /// Written while it is sent, so that a large one is never in memory as a whole.
    Streamed(Writer),
}

/// Writes a body. Runs on a thread that may block.
pub(crate) type Writer = Box<dyn FnOnce(&mut dyn Write) -> std::io::Result<()> + Send>;

impl Answer {
    pub(crate) fn whole(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            content_type,
            headers: &[],
            body: Body::Whole(body.into()),
        }
    }

    pub(crate) fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::whole(status, "text/plain; charset=utf-8", body)
    }
}

/// Makes a page. Runs on a thread that may block.
pub(crate) type Handler = Arc<dyn Fn(&Request) -> Answer + Send + Sync>;

/// A page and its path.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) path: &'static str,
    pub(crate) handler: Handler,
}

impl Page {
    pub(crate) fn new(
        path: &'static str,
        handler: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self {
            path,
            handler: Arc::new(handler),
        }
    }
}

/// Addresses for one listener: the first that can be bound is used.
pub(crate) type Candidates = Vec<SocketAddr>;

/// Serves pages until it is dropped.
pub(crate) struct Server {
    addresses: Vec<SocketAddr>,
    first_path: &'static str,
    /// The server stops when this is dropped.
    stop: Option<oneshot::Sender<Infallible>>,
}

impl Server {
    /// Binds a listener for each place and serves the pages at all of them.
    ///
    /// # Errors
    /// No address of a place can be bound, or the system refuses a thread.
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

    /// Returns the addresses it listens at.
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
        // In a forked process the thread that serves does not exist, and its locks may stay locked forever.
        if crate::base::fork::is_child() {
            std::mem::forget(self.stop.take());
        }
    }
}

#[cfg(test)]
mod tests;
