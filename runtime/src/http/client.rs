//! The layer of a client.

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

/// A layer that makes each request one call of kind client, and writes the trace context into its headers. 4xx and 5xx
/// are errors. A gRPC call has its method's name, and every code but `OK` in the head of the answer is an error; one that
/// only comes after the messages of a stream is not seen.
///
/// ```
/// use tower_layer::Layer;
/// # let service = ();
/// let service = instrumental::http::client().layer(service);
/// ```
pub fn client() -> ClientLayer {
    ClientLayer { targets: None }
}

/// See [`client`].
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until a service is wrapped in it"]
pub struct ClientLayer {
    targets: Option<Arc<[String]>>,
}

impl ClientLayer {
    /// Who is told of the trace: a host such as `api.example.org`, all below a domain as `.example.org`, or all URLs that
    /// begin as `https://api.example.org/v1` does. Everybody, unless set. What is told is ids, the sampling decision and
    /// the baggage; not every host should know them.
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
                return begins(&full(uri), target);
            }
            let target = target.to_ascii_lowercase();
            match target.strip_prefix('.') {
                Some(domain) => host == domain || host.ends_with(&target),
                None => host == target,
            }
        })
    }
}

/// Whether a URL begins with another, and not in the middle of a name: `https://a.example` says nothing of
/// `https://a.example.evil`.
fn begins(url: &str, target: &str) -> bool {
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

/// A client whose requests are calls. See [`client`].
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

/// Writes down what is known of a request.
fn record(recorder: &mut Recorder<'_>, method: &'static str, uri: &Uri, grpc: Option<&str>) {
    let name = grpc.unwrap_or_else(|| status::method_name(method));
    let full = uri.host().filter(|_| grpc.is_none()).map(|_| full(uri));
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

/// The URL without user, password and query, which may hold secrets.
fn full(uri: &Uri) -> String {
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
        let call = http_client().enter(|recorder| record(recorder, method, request.uri(), called));
        if self.layer.is_target(request.uri()) {
            inject(request.headers_mut());
        }
        let asked = Asked {
            method,
            server,
            started: clock::now(),
            is_told: false,
            is_running: false,
        };
        let inner = &mut self.inner;
        let called = catch_unwind(AssertUnwindSafe(|| inner.call(request)));
        let mut opening = SuspendedCall::take(call);
        let mut closing = DropGuard::default();
        match called {
            Ok(future) => ClientFuture {
                opening,
                future,
                asked,
                closing,
            },
            Err(panic) => {
                // As if it had been polled: ended where it stands, and unwound further.
                let _polling = Polling::begin_if(&mut opening, &mut closing);
                resume_unwind(panic);
            }
        }
    }
}

struct Asked {
    method: &'static str,
    server: String,
    started: u64,
    is_told: bool,
    /// Set while the request's future runs: what drops it then is its panic.
    is_running: bool,
}

impl Asked {
    fn answered(&mut self, status: &str) {
        if std::mem::replace(&mut self.is_told, true) {
            return;
        }
        let seconds = clock::seconds(self.started, clock::now());
        metrics::asked(self.method, &self.server, status, seconds);
    }
}

impl Drop for Asked {
    /// Nobody waits for the answer any more, of those that take longest: a timeout, as a rule.
    fn drop(&mut self) {
        let status = if self.is_running {
            "error"
        } else {
            "cancelled"
        };
        self.answered(status);
    }
}

pin_project_lite::pin_project! {
    /// The future of a request to another service. See [`client`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ClientFuture<F> {
        // The order of the fields is the order of their drops.
        opening: SuspendedCall,
        #[pin]
        future: F,
        asked: Asked,
        closing: DropGuard,
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
        let polling = Polling::begin_if(this.opening, this.closing);
        this.asked.is_running = true;
        let polled = this.future.poll(cx);
        this.asked.is_running = false;
        let status = match &polled {
            Poll::Pending => {
                Polling::suspend_if(polling);
                return Poll::Pending;
            }
            Poll::Ready(Ok(response)) => {
                Some((response.status().as_u16(), status::grpc(response.headers())))
            }
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
                Some((_, Some(grpc))) => status::of_grpc_client(grpc),
                Some((status, None)) => status::of_client(status),
            });
        }
        let told = status.map_or_else(|| "error".to_owned(), |(status, _)| status.to_string());
        this.asked.answered(&told);
        polled
    }
}
