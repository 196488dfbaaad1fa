//! The body of an answer: the request's call lasts until it was sent, or the client went away.

use super::head::{Head, finish, record_status};
use super::metrics::{self, Served};
use super::status;
use crate::__private::polling::Polling;
use crate::__private::suspended_call::{DropGuard, SuspendedCall};
use crate::base::clock;
use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The status that a request has whose client went away, in the metrics: nginx's.
const CLIENT_CLOSED: u16 = 499;

/// Counts a request when it ends, however it does.
pub(super) struct Ending {
    head: Head,
    status: u16,
    bytes: u64,
}

impl Ending {
    pub(super) fn new(head: Head) -> Self {
        Self {
            head,
            status: CLIENT_CLOSED,
            bytes: 0,
        }
    }

    /// There is no such method: a stranger's text, which would take the place of a real one's label.
    fn unknown(&mut self) {
        self.head.route = "_OTHER".to_owned();
    }

    /// It failed without an answer.
    pub(super) fn failed(mut self) {
        self.status = 500;
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        metrics::active(self.head.method, -1.0);
        metrics::served(&Served {
            method: self.head.method,
            route: &self.head.route,
            status: self.status,
            seconds: clock::seconds(self.head.started, clock::now()),
            request_bytes: self.head.request_bytes,
            response_bytes: self.bytes,
        });
    }
}

pin_project_lite::pin_project! {
    /// The body of an answer. See [`server`](super::server).
    pub struct ServerBody<R> {
        state: Option<State>,
        #[pin]
        body: Option<R>,
    }

    impl<R> PinnedDrop for ServerBody<R> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(state) = this.state.take() {
                state.dropped();
            }
        }
    }
}

/// A call whose body is under way.
struct State {
    opening: SuspendedCall,
    closing: DropGuard,
    ending: Option<Ending>,
    status: u16,
    grpc: Option<u16>,
    /// All of it was handed over, as far as the body says.
    complete: bool,
    /// Its length, where it is known.
    length: Option<u64>,
}

impl<R> std::fmt::Debug for ServerBody<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerBody").finish_non_exhaustive()
    }
}

impl<R> ServerBody<R> {
    pub(super) fn empty() -> Self {
        Self {
            state: None,
            body: None,
        }
    }
}

impl<R: Body> ServerBody<R> {
    pub(super) fn new(
        body: R,
        opening: SuspendedCall,
        closing: DropGuard,
        ending: Option<Ending>,
        status: u16,
        grpc: Option<u16>,
    ) -> Self {
        let is_head = ending.as_ref().is_some_and(|ending| ending.head.is_head);
        let state = State {
            opening,
            closing,
            ending,
            status,
            grpc,
            // Of such an answer nobody asks for the body.
            complete: body.is_end_stream() || is_head || matches!(status, 204 | 304),
            length: body.size_hint().exact(),
        };
        Self {
            state: Some(state),
            body: Some(body),
        }
    }
}

impl State {
    /// A part of the body was handed over.
    fn took<D: Buf>(&mut self, frame: &Frame<D>, ended: bool) {
        if let Some(data) = frame.data_ref()
            && let Some(ending) = &mut self.ending
        {
            ending.bytes += data.remaining() as u64;
        }
        if let Some(trailers) = frame.trailers_ref() {
            self.grpc = status::grpc(trailers).or(self.grpc);
            self.complete = true;
        }
        let bytes = self.ending.as_ref().map_or(0, |ending| ending.bytes);
        self.complete |= ended || self.length == Some(bytes);
    }

    /// It has ended as it should.
    fn end(mut self) {
        self.check_method();
        let is_grpc = self
            .ending
            .as_ref()
            .is_some_and(|ending| ending.head.is_grpc);
        if let Some(ending) = &mut self.ending {
            ending.status = self.status;
        }
        if !self.opening.is_quiet() {
            let polling = Polling::begin(&mut self.opening, &mut self.closing);
            if is_grpc && self.grpc.is_some() {
                record_status(None, self.grpc);
            }
            finish(polling, self.status, self.grpc, is_grpc);
        }
    }

    /// Names no method that this service does not have: the service knows which it has, and says so in its answer.
    fn check_method(&mut self) {
        let is_unknown = self.status != 200 || self.grpc == Some(status::UNIMPLEMENTED);
        if let Some(ending) = &mut self.ending
            && ending.head.is_grpc
            && is_unknown
        {
            ending.unknown();
        }
    }

    /// Nobody asks for more. Where something is missing, the client went away: its call is cancelled as it is dropped.
    fn dropped(mut self) {
        self.check_method();
        if self.complete {
            self.end();
        }
    }
}

impl<R: Body> Body for ServerBody<R> {
    type Data = R::Data;
    type Error = R::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<R::Data>, R::Error>>> {
        let this = self.project();
        let Some(mut body) = this.body.as_pin_mut() else {
            return Poll::Ready(None);
        };
        // Taken away while the body runs, and put back where it goes on.
        let Some(mut state) = this.state.take() else {
            return body.poll_frame(cx);
        };
        // A body that panics ends its call as it unwinds.
        let polling = Polling::begin_if(&mut state.opening, &mut state.closing);
        let polled = body.as_mut().poll_frame(cx);
        Polling::suspend_if(polling);
        match &polled {
            Poll::Ready(None) => {
                state.end();
                return polled;
            }
            Poll::Ready(Some(Err(_))) => {
                state.status = 500;
                state.end();
                return polled;
            }
            Poll::Ready(Some(Ok(frame))) => state.took(frame, body.is_end_stream()),
            Poll::Pending => {}
        }
        *this.state = Some(state);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<R> Default for ServerBody<R> {
    fn default() -> Self {
        Self::empty()
    }
}
