//! A page: a path, and a handler that turns a request into a response.

use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// The parts of a request that pages use.
pub(crate) struct Request {
    /// The query of the target, without the `?`.
    pub(crate) query: String,
    /// The `Accept` header; empty if there is none.
    pub(crate) accept: String,
    /// The method is `HEAD`, so no body is sent.
    pub(crate) is_head: bool,
    /// Disconnected when the client closes the connection.
    pub(super) client: Receiver<Infallible>,
}

/// The error of a client that closed the connection before the response.
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
    /// If the client closed the connection, or the server stopped.
    pub(crate) fn wait(&self, duration: Duration) -> Result<(), ClientLeft> {
        match self.client.recv_timeout(duration) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(ClientLeft),
        }
    }
}

/// Response headers.
pub(crate) type Headers = &'static [(&'static str, &'static str)];

/// The response of a page.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Headers,
    pub(crate) body: Body,
}

/// The body of a response.
pub(crate) enum Body {
    Whole(Vec<u8>),
    /// Written while it is sent, so that a large body is never in memory as a whole.
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

/// Renders a page. Runs on a thread that may block.
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
