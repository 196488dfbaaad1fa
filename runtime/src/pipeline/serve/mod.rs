//! The process's own pages: a small HTTP/1.1 server on threads of its own. On loopback unless told otherwise.

mod connection;

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// Connections served at once; more are told to come back.
const MAX_CONNECTIONS: usize = 64;

/// What was asked for.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) accept: String,
    pub(crate) host: String,
}

impl Request {
    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

/// What is answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    /// Further headers, each with its line end.
    pub(crate) headers: &'static str,
    pub(crate) body: Body,
}

/// A body.
pub(crate) enum Body {
    Whole(Vec<u8>),
    /// Written while it is made, so that a large one takes no room.
    Streamed(Writer),
}

/// Writes a body.
pub(crate) type Writer = Box<dyn FnOnce(&mut dyn Write) -> std::io::Result<()> + Send>;

impl Answer {
    pub(crate) fn whole(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            content_type,
            headers: "",
            body: Body::Whole(body.into()),
        }
    }

    pub(crate) fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::whole(status, "text/plain; charset=utf-8", body)
    }
}

/// Makes a page.
pub(crate) type Handler = Arc<dyn Fn(&Request) -> Answer + Send + Sync>;

/// A page and where it is.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) path: &'static str,
    /// Whether it changes something, so that it wants POST.
    pub(crate) changes: bool,
    pub(crate) handler: Handler,
}

impl Page {
    pub(crate) fn new(
        path: &'static str,
        handler: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self {
            path,
            changes: false,
            handler: Arc::new(handler),
        }
    }
}

/// Addresses for one listener: the first that is to be had is taken.
pub(crate) type Candidates = Vec<SocketAddr>;

/// Serves until it is dropped.
pub(crate) struct Server {
    addresses: Vec<SocketAddr>,
    shared: Arc<Shared>,
}

struct Shared {
    pages: Vec<Page>,
    connections: AtomicUsize,
    ended: AtomicBool,
}

impl Server {
    /// Listens at each place.
    ///
    /// # Errors
    /// Every address of a place is taken, or may not be used.
    pub(crate) fn start(places: &[Candidates], pages: Vec<Page>) -> std::io::Result<Self> {
        let listeners = places
            .iter()
            .map(|place| TcpListener::bind(place.as_slice()));
        let listeners: Vec<TcpListener> = listeners.collect::<Result<_, _>>()?;
        let bound = listeners.iter().map(TcpListener::local_addr);
        let bound: Vec<SocketAddr> = bound.collect::<Result<_, _>>()?;
        let shared = Arc::new(Shared {
            pages,
            connections: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        for listener in listeners {
            let shared = Arc::clone(&shared);
            crate::base::internal_thread::spawn("instrumental-pages", move || {
                shared.accept(&listener)
            })?;
        }
        Ok(Self {
            addresses: bound,
            shared,
        })
    }

    /// Where it listens.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Its first page, at each address: what it is, and what one opens.
    pub(crate) fn urls(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        let path = self.shared.pages.first().map_or("/", |page| page.path);
        let what = if path == "/" { "live view" } else { "metrics" };
        let addresses = self.addresses.iter();
        addresses.map(move |address| (what, format!("http://{address}{path}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.ended.store(true, SeqCst);
        for address in &self.addresses {
            // Wakes the one who waits for connections.
            let _ = TcpStream::connect_timeout(address, Duration::from_millis(100));
        }
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.ended.load(SeqCst) {
                return;
            }
            match stream {
                Ok(stream) => self.take(stream),
                // Out of files, most likely: some will be free later.
                Err(_) => std::thread::park_timeout(Duration::from_millis(50)),
            }
        }
    }

    fn take(self: &Arc<Self>, stream: TcpStream) {
        if self.connections.fetch_add(1, SeqCst) >= MAX_CONNECTIONS {
            self.connections.fetch_sub(1, SeqCst);
            return connection::refuse(stream);
        }
        let shared = Arc::clone(self);
        let served = crate::base::internal_thread::spawn("instrumental-page", move || {
            let _done = Done(&shared.connections);
            connection::serve(stream, &shared.pages, &shared.ended);
        });
        if served.is_err() {
            self.connections.fetch_sub(1, SeqCst);
        }
    }
}

struct Done<'a>(&'a AtomicUsize);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
mod tests;
