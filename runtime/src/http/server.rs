//! The layer of a server.

use super::body::{Ending, ServerBody};
use super::{matched, metrics, status};
use crate::__private::call::record_later;
use crate::__private::opening::{Closing, Opening};
use crate::__private::polling::Polling;
use crate::base::clock;
use crate::collect::capture::{self, Place, Record};
use crate::collect::facade::spans::Remote;
use crate::collect::trace::{ids, sampling, spill};
use crate::http::propagation;
use crate::model::incoming::Incoming;
use crate::model::outcome::Outcome;
use crate::model::scope::{Scope, User};
use crate::model::site::{Site, SpanKind};
use ::http::request::Parts;
use ::http::{HeaderMap, Request, Response, StatusCode};
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
        route: Arc::new(matched::route),
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

/// The fields of a request's span; [`Fields`] has their values in this order.
fn http_server() -> &'static Site {
    crate::__site!("http.server", [
        "otel.name", "http.request.method", "url.path", "url.scheme", "http.route", "http.response.status_code",
        "server.address", "server.port", "user_agent.original", "network.protocol.version", "rpc.system",
        "rpc.service", "rpc.method", "rpc.grpc.status_code",
    ], { flags: 1u32 | 32u32, kind: SpanKind::Server })
}

/// What is known of a request from its head.
pub(super) struct Head {
    pub(super) method: &'static str,
    pub(super) route: String,
    pub(super) is_grpc: bool,
    pub(super) is_head: bool,
    pub(super) started: u64,
    pub(super) request_bytes: Option<u64>,
}

impl Head {
    fn of(parts: &Parts, layer: &ServerLayer) -> Self {
        let is_grpc = status::is_grpc(&parts.headers);
        let route = if is_grpc {
            status::grpc_method(parts.uri.path()).map(str::to_owned)
        } else {
            (layer.route)(parts)
        };
        Self {
            method: status::method(&parts.method),
            route: route.unwrap_or_default(),
            is_grpc,
            is_head: parts.method == ::http::Method::HEAD,
            started: clock::now(),
            request_bytes: text(&parts.headers, "content-length").and_then(|len| len.parse().ok()),
        }
    }

    /// `{method} {route}`; of gRPC the method alone, which is the route.
    fn name(&self) -> String {
        let method = status::method_name(self.method);
        match (self.is_grpc, self.route.as_str()) {
            (_, "") => method.to_owned(),
            (true, route) => route.to_owned(),
            (false, route) => format!("{method} {route}"),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Begins the call of a request: on the stack when this returns.
fn begin(parts: &Parts, head: &Head, user: Option<User>) -> crate::__private::Call {
    let incoming = propagation::extract(&parts.headers);
    let name = head.name();
    let call = http_server().enter(|recorder| {
        recorder.remote(remote(incoming.as_ref(), &name));
        record_head(recorder, parts, head, &name);
    });
    if !call.is_quiet() {
        let incoming = incoming.map(Arc::new);
        if let Some(incoming) = incoming.as_ref().filter(|incoming| has_more(incoming)) {
            // Nobody may listen: then nobody wants it.
            let _ = capture::send(Record::Incoming(Place::here(), Arc::clone(incoming)));
        }
        if user.is_some() || incoming.is_some() {
            let scope = Scope {
                user,
                incoming,
                ..Scope::default()
            };
            spill::swap_request(spill::Request {
                scope: Some(Arc::new(scope)),
                last_report: None,
            });
        }
    }
    call
}

/// Whether a span tells more of it than its ids.
fn has_more(incoming: &Incoming) -> bool {
    !(incoming.links.is_empty()
        && incoming.tracestate.is_empty()
        && incoming.sentry.is_empty()
        && incoming.datadog_tags.is_empty())
        || incoming.datadog_origin.is_some()
        || incoming.priority.is_some()
}

/// The parent: where none is said, a new trace, sampled by the request's name.
fn remote(incoming: Option<&Incoming>, name: &str) -> Remote {
    let (trace, span, sampled) = incoming.map_or((0, 0, None), |incoming| {
        (incoming.trace, incoming.span, incoming.sampled)
    });
    let trace = if trace == 0 { ids::trace() } else { trace };
    Remote {
        trace,
        span,
        sampled: Some(sampled.unwrap_or_else(|| sampling::is_sampled(trace, name))),
    }
}

fn record_head(
    recorder: &mut crate::__private::Recorder<'_>,
    parts: &Parts,
    head: &Head,
    name: &str,
) {
    let host = text(&parts.headers, "host").or_else(|| parts.uri.authority().map(|a| a.as_str()));
    let (address, port) = host.map_or((None, None), |host| match host.rsplit_once(':') {
        Some((address, port)) if port.parse::<u16>().is_ok() => {
            (Some(address), port.parse::<u64>().ok())
        }
        _ => (Some(host), None),
    });
    let scheme = parts.uri.scheme_str().unwrap_or("http");
    let agent = text(&parts.headers, "user-agent");
    let version = version(parts.version);
    let path = parts.uri.path();
    let (service, method) = head.route.split_once('/').unwrap_or((&head.route, ""));
    let (grpc, is_named) = (head.is_grpc, !head.route.is_empty());
    fn some<V: tracing::Value>(value: &V) -> Option<&dyn tracing::Value> {
        Some(value)
    }
    let system = "grpc";
    recorder.fields(&[
        some(&name),
        some(&head.method),
        some(&path),
        some(&scheme),
        Some(&head.route.as_str() as &dyn tracing::Value)
            .filter(|_| !head.route.is_empty() && !grpc),
        None,
        address.as_ref().and_then(some),
        port.as_ref().and_then(some),
        agent.as_ref().and_then(some),
        some(&version),
        some(&system).filter(|_| grpc),
        some(&service).filter(|_| grpc && is_named),
        some(&method).filter(|_| grpc && is_named),
        None,
    ]);
}

fn version(version: ::http::Version) -> &'static str {
    match version {
        ::http::Version::HTTP_09 => "0.9",
        ::http::Version::HTTP_10 => "1.0",
        ::http::Version::HTTP_2 => "2",
        ::http::Version::HTTP_3 => "3",
        _ => "1.1",
    }
}

/// Records the status, while the call is on the stack.
pub(super) fn record_status(status: Option<u16>, grpc: Option<u16>) {
    let mut values: [Option<&dyn tracing::Value>; 14] = [None; 14];
    let status = status.map(u64::from);
    let grpc = grpc.map(u64::from);
    values[5] = status.as_ref().map(|status| status as &dyn tracing::Value);
    values[13] = grpc.as_ref().map(|grpc| grpc as &dyn tracing::Value);
    record_later(http_server(), &values);
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
        let head = Head::of(&parts, &self.layer);
        let user = self.layer.user.as_ref().and_then(|user| user(&parts));
        let call = begin(&parts, &head, user);
        metrics::active(head.method, 1.0);
        let ending = Ending::new(head);
        let inner = &mut self.inner;
        let request = Request::from_parts(parts, body);
        let future = catch_unwind(AssertUnwindSafe(|| inner.call(request))).ok();
        ServerFuture {
            opening: Opening::take(call),
            future,
            ending: Some(ending),
            closing: Closing::default(),
        }
    }
}

pin_project_lite::pin_project! {
    /// The future of a request. See [`server`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ServerFuture<F> {
        // The order of the fields is the order of their drops.
        opening: Opening,
        // None: the service panicked instead of making one.
        #[pin]
        future: Option<F>,
        ending: Option<Ending>,
        closing: Closing,
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
        let opening = std::mem::replace(this.opening, Opening::quiet());
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

/// Ends a call that is on the stack with what a status says.
pub(super) fn finish(polling: Polling<'_>, status: u16, grpc: Option<u16>, is_grpc: bool) {
    let verdict = match grpc.filter(|_| is_grpc) {
        Some(code) => status::of_grpc(code),
        None => status::of_server(status),
    };
    polling.end(&verdict);
}
