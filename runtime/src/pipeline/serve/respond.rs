//! The handling of one request.

use super::access::{self, Reach, Refusal};
use super::body::PageBody;
use super::connections::{Answering, Connection};
use super::page::{Answer, Body, Headers, Page, Request};
use super::socket;
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use tokio::net::TcpStream;

/// The maximum size of a request body, in bytes. Pages ignore it, so a small one is accepted.
const MAX_BODY: u64 = 64 << 10;

/// The headers of every response: a browser must not guess its type, store it, or let another site read it.
const HEADERS: Headers = &[
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Responds to the requests of one connection.
pub(super) struct Responder {
    pub(super) pages: Arc<[Page]>,
    pub(super) reach: Reach,
    pub(super) stream: Rc<TcpStream>,
    pub(super) connection: Rc<Connection>,
}

impl Responder {
    pub(super) async fn respond(
        &self,
        request: hyper::Request<Incoming>,
    ) -> Result<Response<PageBody>, Infallible> {
        let answering = self.connection.answering();
        let (head, body) = request.into_parts();
        let answer = match self.page(&head, &body) {
            Ok(page) => self.render(page, &head).await,
            Err(refused) => refused,
        };
        Ok(response(answer, head.method == Method::HEAD, answering))
    }

    /// Checks a request, and returns the page that it asks for, or an error response.
    fn page(&self, head: &Parts, body: &Incoming) -> Result<Page, Answer> {
        access::check(head, self.reach)
            .map_err(|Refusal(status, text)| Answer::text(status.as_u16(), text))?;
        if body.size_hint().upper().is_none_or(|most| most > MAX_BODY) {
            return Err(Answer::text(413, "request body too large\n"));
        }
        let page = self.pages.iter().find(|page| page.path == head.uri.path());
        let page = page.ok_or_else(|| Answer::text(404, "page not found\n"))?;
        if matches!(head.method, Method::GET | Method::HEAD) {
            return Ok(page.clone());
        }
        Err(Answer {
            headers: &[("allow", "GET, HEAD")],
            ..Answer::text(405, "method not allowed\n")
        })
    }

    /// Renders a page on a thread that may block. `Request::wait` returns early if the client leaves.
    async fn render(&self, page: Page, head: &Parts) -> Answer {
        let (present, client) = mpsc::channel();
        let accept = head.headers.get(header::ACCEPT);
        let request = Request {
            query: head.uri.query().unwrap_or_default().to_owned(),
            accept: String::from_utf8_lossy(accept.map_or(&[], HeaderValue::as_bytes)).into_owned(),
            is_head: head.method == Method::HEAD,
            client,
        };
        let rendering = tokio::task::spawn_blocking(move || {
            catch_unwind(AssertUnwindSafe(|| (page.handler)(&request)))
        });
        // hyper drops this future, and `present` with it, when the connection ends.
        let watching = async {
            socket::left(&self.stream).await;
            drop(present);
            std::future::pending().await
        };
        match socket::first(rendering, watching).await {
            Ok(Ok(answer)) => answer,
            _ => Answer::text(500, "internal error in this page\n"),
        }
    }
}

fn response(answer: Answer, is_head: bool, answering: Answering) -> Response<PageBody> {
    let body = match answer.body {
        Body::Whole(body) => PageBody::whole(body, answering),
        // A response to `HEAD` has no body, so it is not written.
        Body::Streamed(_) if is_head => PageBody::streamed(Box::new(|_| Ok(())), answering),
        Body::Streamed(writer) => PageBody::streamed(writer, answering),
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = HeaderValue::from_static(answer.content_type);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    for (name, value) in HEADERS.iter().chain(answer.headers) {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    response
}
