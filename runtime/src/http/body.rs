//! The body of a response. The call of the request ends when the body was sent, or when the client disconnects.

use super::head::{Head, finish, record_status};
use super::metrics::{self as request_metrics, ServerRequest};
use super::status::{self, ResponseStatus};
use crate::__private::polling::Polling;
use crate::__private::suspended_call::{DropGuard, SuspendedCall};
use crate::base::clock;
use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The status in the metrics of a request whose client disconnected: nginx's "client closed request".
const CLIENT_CLOSED: u16 = 499;

/// Records the metrics of a request when it is dropped, however the request ended.
pub(super) struct RequestMetrics {
    head: Head,
    status: u16,
    bytes: u64,
}

impl RequestMetrics {
    pub(super) fn new(head: Head) -> Self {
        Self {
            head,
            status: CLIENT_CLOSED,
            bytes: 0,
        }
    }

    /// Replaces the name of a method that does not exist. The client chose that name, and could use up the label values of
    /// real methods.
    fn hide_unknown_method(&mut self) {
        self.head.route = "_OTHER".to_owned();
    }

    /// Records a request that failed without a response.
    pub(super) fn finish_failed(mut self) {
        self.status = 500;
    }
}

impl Drop for RequestMetrics {
    fn drop(&mut self) {
        request_metrics::add_active(self.head.method, -1.0);
        request_metrics::record_server(&ServerRequest {
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
    /// The body of a response of a [`ServerService`](super::ServerService). It ends the call of the request.
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

/// The call of a request whose body is being sent.
struct State {
    suspended: SuspendedCall,
    drop_guard: DropGuard,
    metrics: Option<RequestMetrics>,
    status: ResponseStatus,
    /// Whether the whole body was handed over, according to its trailers, length or end of stream.
    complete: bool,
    /// The length of the body in bytes, if known.
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
        suspended: SuspendedCall,
        drop_guard: DropGuard,
        metrics: Option<RequestMetrics>,
        status: ResponseStatus,
    ) -> Self {
        let is_head = metrics.as_ref().is_some_and(|metrics| metrics.head.is_head);
        let state = State {
            suspended,
            drop_guard,
            metrics,
            status,
            // The server does not poll the body of such a response.
            complete: body.is_end_stream() || is_head || matches!(status.http, 204 | 304),
            length: body.size_hint().exact(),
        };
        Self {
            state: Some(state),
            body: Some(body),
        }
    }
}

impl State {
    /// Accounts for a frame that was handed over.
    fn record_frame<D: Buf>(&mut self, frame: &Frame<D>, ended: bool) {
        if let Some(data) = frame.data_ref()
            && let Some(metrics) = &mut self.metrics
        {
            metrics.bytes += data.remaining() as u64;
        }
        if let Some(trailers) = frame.trailers_ref() {
            self.status.grpc = status::grpc_code(trailers).or(self.status.grpc);
            self.complete = true;
        }
        let bytes = self.metrics.as_ref().map_or(0, |metrics| metrics.bytes);
        self.complete |= ended || self.length == Some(bytes);
    }

    /// Ends the call after the whole body was handed over.
    fn end(mut self) {
        self.check_method();
        let is_grpc = self
            .metrics
            .as_ref()
            .is_some_and(|metrics| metrics.head.is_grpc);
        if let Some(metrics) = &mut self.metrics {
            metrics.status = self.status.http;
        }
        if !self.suspended.is_disabled() {
            let polling = Polling::begin(&mut self.suspended, &mut self.drop_guard);
            if is_grpc && self.status.grpc.is_some() {
                record_status(None, self.status.grpc);
            }
            finish(polling, self.status, is_grpc);
        }
    }

    /// Hides the name of a gRPC method that the service does not have. Only the response says which methods exist.
    fn check_method(&mut self) {
        let is_unknown = self.status.http != 200 || self.status.grpc == Some(status::UNIMPLEMENTED);
        if let Some(metrics) = &mut self.metrics
            && metrics.head.is_grpc
            && is_unknown
        {
            metrics.hide_unknown_method();
        }
    }

    /// Handles a body that is dropped. If it is incomplete, the client disconnected: dropping the call then ends it as
    /// cancelled.
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
        // Taken while the body runs, and put back unless the call ends.
        let Some(mut state) = this.state.take() else {
            return body.poll_frame(cx);
        };
        // If the body panics, unwinding drops `state` and ends the call.
        let polling = Polling::begin_if(&mut state.suspended, &mut state.drop_guard);
        let polled = body.as_mut().poll_frame(cx);
        Polling::suspend_if(polling);
        match &polled {
            Poll::Ready(None) => {
                state.end();
                return polled;
            }
            Poll::Ready(Some(Err(_))) => {
                state.status.http = 500;
                state.end();
                return polled;
            }
            Poll::Ready(Some(Ok(frame))) => state.record_frame(frame, body.is_end_stream()),
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
