//! The layer of a server.

use super::body::{Ending, ServerBody};
use super::head::{Head, begin, record_status};
use super::{metrics, status};
use crate::__private::polling::Polling;
use crate::__private::suspended_call::{DropGuard, SuspendedCall};
use crate::classes::route;
use crate::model::outcome::Outcome;
use crate::model::request::User;
use ::http::request::Parts;
use ::http::{Request, Response, StatusCode};
use http_body::Body;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

type RouteOf = Arc<dyn Fn(&Parts) -> Option<String> + Send + Sync>;
type UserOf = Arc<dyn Fn(&Parts) -> Option<User> + Send + Sync>;

/// A layer that makes each request one call: a span of kind server named `{method} {route}`, under the context that its
/// headers bring; metrics by method, route and status; a panic is answered with 500; a client that goes away is the
/// outcome `cancelled`. See [the module](super).
pub fn server() -> ServerLayer {
    ServerLayer {
        route: Arc::new(route::matched),
        user: None,
    }
}

/// See [`server`].
#[derive(Clone)]
#[must_use = "a layer does nothing until a service is wrapped in it"]
pub struct ServerLayer {
    route: RouteOf,
    user: Option<UserOf>,
}

impl std::fmt::Debug for ServerLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerLayer").finish_non_exhaustive()
    }
}

impl ServerLayer {
    /// How a request's route is found: the pattern, such as `/jobs/{id}`, never the path. With feature `axum`, axum's
    /// matched path is, unless this says otherwise.
    pub fn route(
        mut self,
        route: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.route = Arc::new(route);
        self
    }

    /// Who a request is served for, where its head tells. Handlers may also call [`set_user`](crate::set_user).
    pub fn user(mut self, user: impl Fn(&Parts) -> Option<User> + Send + Sync + 'static) -> Self {
        self.user = Some(Arc::new(user));
        self
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = ServerService<S>;

    fn layer(&self, inner: S) -> ServerService<S> {
        ServerService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service whose requests are calls. See [`server`].
#[derive(Clone, Debug)]
pub struct ServerService<S> {
    inner: S,
    layer: ServerLayer,
}

impl<S, B, R> Service<Request<B>> for ServerService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<ServerBody<R>>;
    type Error = S::Error;
    type Future = ServerFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> ServerFuture<S::Future> {
        let (parts, body) = request.into_parts();
        let head = Head::of(&parts, &*self.layer.route);
        let user = self.layer.user.as_ref().and_then(|user| user(&parts));
        let call = begin(&parts, &head, user);
        metrics::active(head.method, 1.0);
        let ending = Ending::new(head);
        let inner = &mut self.inner;
        let request = Request::from_parts(parts, body);
        let future = catch_unwind(AssertUnwindSafe(|| inner.call(request))).ok();
        ServerFuture {
            opening: SuspendedCall::take(call),
            future,
            ending: Some(ending),
            closing: DropGuard::default(),
        }
    }
}

pin_project_lite::pin_project! {
    /// The future of a request. See [`server`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ServerFuture<F> {
        // The order of the fields is the order of their drops.
        opening: SuspendedCall,
        // None: the service panicked instead of making one.
        #[pin]
        future: Option<F>,
        ending: Option<Ending>,
        closing: DropGuard,
    }
}

impl<F> std::fmt::Debug for ServerFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerFuture").finish_non_exhaustive()
    }
}

impl<F, R, E> Future for ServerFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<ServerBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polling = Polling::begin_if(this.opening, this.closing);
        let future = this.future.as_pin_mut();
        let polled =
            future.and_then(|future| catch_unwind(AssertUnwindSafe(|| future.poll(cx))).ok());
        let response = match polled {
            Some(Poll::Pending) => {
                Polling::suspend_if(polling);
                return Poll::Pending;
            }
            Some(Poll::Ready(Err(error))) => {
                Polling::end_if(polling, &status::error("service_error"));
                if let Some(ending) = this.ending.take() {
                    ending.failed();
                }
                return Poll::Ready(Err(error));
            }
            None => return Poll::Ready(Ok(panicked(polling, this.ending.take()))),
            Some(Poll::Ready(Ok(response))) => response,
        };
        let status = response.status().as_u16();
        let grpc = status::grpc(response.headers());
        if polling.is_some() {
            record_status(Some(status), grpc);
        }
        Polling::suspend_if(polling);
        let opening = std::mem::replace(this.opening, SuspendedCall::quiet());
        let closing = std::mem::take(this.closing);
        let ending = this.ending.take();
        Poll::Ready(Ok(response.map(|body| {
            ServerBody::new(body, opening, closing, ending, status, grpc)
        })))
    }
}

/// The answer to a request whose service panicked; the hook has reported it.
fn panicked<R>(polling: Option<Polling<'_>>, ending: Option<Ending>) -> Response<ServerBody<R>> {
    if let Some(polling) = polling {
        record_status(Some(500), None);
        polling.end_without_value(Outcome::Panicked);
    }
    if let Some(ending) = ending {
        ending.failed();
    }
    let mut response = Response::new(ServerBody::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
