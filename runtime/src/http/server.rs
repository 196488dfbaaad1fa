//! The tower layer for servers.

use super::body::{RequestMetrics, ServerBody};
use super::head::{Head, begin, record_status};
use super::status::ResponseStatus;
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

/// Returns a layer that records each request as one call.
///
/// The call is a span of kind server named `{method} {route}`, a child of the span that the request's headers name. Its
/// duration and the sizes of both bodies are recorded by method, route and status. If the service panics, the client
/// receives status 500. If the client disconnects before it has the whole response, the outcome is `cancelled`, and the
/// metrics have status 499 (nginx's "client closed request").
///
/// ```
/// use tower_layer::Layer;
/// # let service = ();
/// let service = instrumental::http::server().layer(service);
/// ```
pub fn server() -> ServerLayer {
    ServerLayer {
        route: Arc::new(route::matched),
        user: None,
    }
}

/// The layer that [`server`] returns.
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
    /// Sets how the route of a request is found.
    ///
    /// The route is the router's pattern, such as `/jobs/{id}`, and never the path: it becomes a label of metrics. Unless
    /// set, requests have the path that axum matched with the `axum` feature, and no route without.
    ///
    /// ```
    /// let layer = instrumental::http::server().route(|request| match request.uri.path() {
    ///     path if path.starts_with("/jobs/") => Some("/jobs/{id}".to_owned()),
    ///     _ => None,
    /// });
    /// ```
    pub fn route(
        mut self,
        route: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.route = Arc::new(route);
        self
    }

    /// Sets how the user of a request is found in its head. Handlers may also call [`set_user`](crate::set_user).
    ///
    /// ```
    /// use instrumental::User;
    /// let layer = instrumental::http::server().user(|request| {
    ///     let id = request.headers.get("x-user-id")?.to_str().ok()?;
    ///     Some(User::id(id))
    /// });
    /// ```
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

/// The service that [`ServerLayer`] makes: records each request as a call.
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
        metrics::add_active(head.method, 1.0);
        let metrics_guard = RequestMetrics::new(head);
        let inner = &mut self.inner;
        let request = Request::from_parts(parts, body);
        let future = catch_unwind(AssertUnwindSafe(|| inner.call(request))).ok();
        ServerFuture {
            suspended: SuspendedCall::take(call),
            future,
            metrics_guard: Some(metrics_guard),
            drop_guard: DropGuard::default(),
        }
    }
}

pin_project_lite::pin_project! {
    /// The future of a [`ServerService`]. It resolves to the response, whose body ends the call.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ServerFuture<F> {
        // Fields are dropped in this order: the call has to be on the stack while `future` is dropped.
        suspended: SuspendedCall,
        // `None` if the service panicked before it returned a future.
        #[pin]
        future: Option<F>,
        metrics_guard: Option<RequestMetrics>,
        drop_guard: DropGuard,
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
        let polling = Polling::begin_if(this.suspended, this.drop_guard);
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
                if let Some(metrics_guard) = this.metrics_guard.take() {
                    metrics_guard.finish_failed();
                }
                return Poll::Ready(Err(error));
            }
            None => return Poll::Ready(Ok(panic_response(polling, this.metrics_guard.take()))),
            Some(Poll::Ready(Ok(response))) => response,
        };
        let status = ResponseStatus::of(&response);
        if polling.is_some() {
            record_status(Some(status.http), status.grpc);
        }
        Polling::suspend_if(polling);
        let suspended = std::mem::replace(this.suspended, SuspendedCall::disabled());
        let drop_guard = std::mem::take(this.drop_guard);
        let metrics_guard = this.metrics_guard.take();
        Poll::Ready(Ok(response.map(|body| {
            ServerBody::new(body, suspended, drop_guard, metrics_guard, status)
        })))
    }
}

/// Returns the response for a request whose service panicked. The panic hook has already reported the panic.
fn panic_response<R>(
    polling: Option<Polling<'_>>,
    metrics_guard: Option<RequestMetrics>,
) -> Response<ServerBody<R>> {
    if let Some(polling) = polling {
        record_status(Some(500), None);
        polling.end_without_value(Outcome::Panicked);
    }
    if let Some(metrics_guard) = metrics_guard {
        metrics_guard.finish_failed();
    }
    let mut response = Response::new(ServerBody::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
