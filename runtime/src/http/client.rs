//! The tower layer for clients.

use super::{inject, metrics, status};
use crate::__private::Recorder;
use crate::__private::call::record_later;
use crate::__private::polling::Polling;
use crate::__private::suspended_call::{DropGuard, SuspendedCall};
use crate::base::clock;
use crate::model::site::Site;
use crate::model::spec::SpanKind;
use ::http::{Request, Response, Uri};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Returns a layer that records each request as one call, a span of kind client, and writes the trace context into the
/// headers of the request.
///
/// Responses with status 4xx or 5xx are errors. A gRPC call has the name of its method, and every code but `OK` in the head
/// of the response is an error. A code in the trailers of a gRPC response is not seen.
///
/// ```
/// use tower_layer::Layer;
/// # let service = ();
/// let service = instrumental::http::client().layer(service);
/// ```
pub fn client() -> ClientLayer {
    ClientLayer { targets: None }
}

/// The layer that [`client`] returns.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until a service is wrapped in it"]
pub struct ClientLayer {
    targets: Option<Arc<[String]>>,
}

impl ClientLayer {
    /// Restricts the requests that carry trace context. Unless set, all requests do.
    ///
    /// A target is a host such as `api.example.org`, a domain and all hosts below it such as `.example.org`, or the start
    /// of a URL such as `https://api.example.org/v1`. The context has the ids of the trace, its sampling decision and the
    /// baggage, which third parties usually should not receive.
    ///
    /// ```
    /// let layer = instrumental::http::client().targets([".example.org", "https://partner.example/api"]);
    /// ```
    pub fn targets<T: Into<String>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        self.targets = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    fn is_target(&self, uri: &Uri) -> bool {
        let Some(targets) = &self.targets else {
            return true;
        };
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        targets.iter().any(|target| {
            if target.contains("://") {
                return is_below(&full_url(uri), target);
            }
            let target = target.to_ascii_lowercase();
            match target.strip_prefix('.') {
                Some(domain) => host == domain || host.ends_with(&target),
                None => host == target,
            }
        })
    }
}

/// Returns whether `url` starts with `target` and continues with a new path segment, so that `https://a.example` does not
/// match `https://a.example.evil`.
fn is_below(url: &str, target: &str) -> bool {
    let target = target.trim_end_matches('/');
    let rest = url.strip_prefix(target);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> ClientService<S> {
        ClientService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service that [`ClientLayer`] makes: records each request as a call.
#[derive(Clone, Debug)]
pub struct ClientService<S> {
    inner: S,
    layer: ClientLayer,
}

fn http_client() -> &'static Site {
    crate::__site!("http.client", [
        "otel.name", "http.request.method", "url.full", "server.address", "server.port",
        "http.response.status_code", "rpc.system", "rpc.service", "rpc.method", "rpc.grpc.status_code",
    ], { flags: 1u32 | 32u32, kind: SpanKind::Client })
}

/// Records the fields that are known before the request is sent, in the order of [`http_client`].
fn record_request(
    recorder: &mut Recorder<'_>,
    method: &'static str,
    uri: &Uri,
    grpc: Option<&str>,
) {
    let name = grpc.unwrap_or_else(|| status::method_name(method));
    let full = uri.host().filter(|_| grpc.is_none()).map(|_| full_url(uri));
    let (full, server) = (full.as_deref(), uri.host());
    let port = uri.port_u16().map(u64::from);
    let system = grpc.map(|_| "grpc");
    let (service, called) = grpc.and_then(|name| name.rsplit_once('/')).unzip();
    recorder.fields(&[
        Some(&name),
        Some(&method),
        some(&full),
        some(&server),
        some(&port),
        None,
        some(&system),
        some(&service),
        some(&called),
        None,
    ]);
}

fn some<T: tracing::Value>(value: &Option<T>) -> Option<&dyn tracing::Value> {
    value.as_ref().map(|value| value as &dyn tracing::Value)
}

/// Returns the URL without user, password and query, which may hold secrets.
fn full_url(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("http");
    let host = uri.host().unwrap_or_default();
    let port = uri
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    format!("{scheme}://{host}{port}{}", uri.path())
}

impl<S, B, R> Service<Request<B>> for ClientService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ClientFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> ClientFuture<S::Future> {
        let method = status::method(request.method());
        let server = request.uri().host().unwrap_or_default().to_owned();
        let is_grpc = status::is_grpc(request.headers());
        let called = status::grpc_method(request.uri().path()).filter(|_| is_grpc);
        let call =
            http_client().enter(|recorder| record_request(recorder, method, request.uri(), called));
        if self.layer.is_target(request.uri()) {
            inject(request.headers_mut());
        }
        let state = RequestState {
            method,
            server,
            started: clock::now(),
            is_recorded: false,
            is_running: false,
        };
        let inner = &mut self.inner;
        let called = catch_unwind(AssertUnwindSafe(|| inner.call(request)));
        let mut suspended = SuspendedCall::take(call);
        let mut drop_guard = DropGuard::default();
        match called {
            Ok(future) => ClientFuture {
                suspended,
                future,
                state,
                drop_guard,
            },
            Err(panic) => {
                // As if the future had been polled: dropping `_polling` ends the call as panicked.
                let _polling = Polling::begin_if(&mut suspended, &mut drop_guard);
                resume_unwind(panic);
            }
        }
    }
}

/// Records the duration of a request once: when the response arrives, or when the request is dropped.
struct RequestState {
    method: &'static str,
    server: String,
    started: u64,
    is_recorded: bool,
    /// Set while the future of the request is polled. If it is dropped meanwhile, it panicked.
    is_running: bool,
}

impl RequestState {
    fn record_response(&mut self, status: &str) {
        if std::mem::replace(&mut self.is_recorded, true) {
            return;
        }
        let seconds = clock::seconds(self.started, clock::now());
        metrics::record_client(self.method, &self.server, status, seconds);
    }
}

impl Drop for RequestState {
    /// Records a request that was dropped before its response, usually by a timeout. Without these, the slowest requests
    /// would be missing from the metric.
    fn drop(&mut self) {
        let status = if self.is_running {
            "error"
        } else {
            "cancelled"
        };
        self.record_response(status);
    }
}

pin_project_lite::pin_project! {
    /// The future of a [`ClientService`]. It resolves to the response.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ClientFuture<F> {
        // Fields are dropped in this order: the call has to be on the stack while `future` is dropped.
        suspended: SuspendedCall,
        #[pin]
        future: F,
        state: RequestState,
        drop_guard: DropGuard,
    }
}

impl<F> std::fmt::Debug for ClientFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientFuture").finish_non_exhaustive()
    }
}

impl<F, R, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polling = Polling::begin_if(this.suspended, this.drop_guard);
        this.state.is_running = true;
        let polled = this.future.poll(cx);
        this.state.is_running = false;
        let status = match &polled {
            Poll::Pending => {
                Polling::suspend_if(polling);
                return Poll::Pending;
            }
            Poll::Ready(Ok(response)) => Some((
                response.status().as_u16(),
                status::grpc_code(response.headers()),
            )),
            Poll::Ready(Err(_)) => None,
        };
        if let Some(polling) = polling {
            let code = status.map(|(status, _)| u64::from(status));
            let grpc = status.and_then(|(_, grpc)| grpc).map(u64::from);
            let mut values = [None; 10];
            (values[5], values[9]) = (some(&code), some(&grpc));
            record_later(http_client(), &values);
            polling.end(&match status {
                None => status::error("connection"),
                Some((_, Some(grpc))) => status::client_grpc_outcome(grpc),
                Some((status, None)) => status::client_outcome(status),
            });
        }
        let status = status.map_or_else(|| "error".to_owned(), |(status, _)| status.to_string());
        this.state.record_response(&status);
        polled
    }
}
