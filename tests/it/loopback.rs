//! The tower layers in real servers and clients on loopback.

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use instrumental::testing::{Seen, capture_async};
use instrumental::{Outcome, SpanKind, http as instrumental_http};
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tower_layer::Layer;
use tower_service::Service;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;

/// Runs servers and clients in one task, so that the capture has the telemetry of all of them.
fn run<F: Future>(future: F) -> (F::Output, Seen) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let deadline = Duration::from_secs(30);
    runtime
        .expect("a runtime")
        .block_on(capture_async(async move {
            let ended = tokio::time::timeout(deadline, future).await;
            ended.expect("an end within the deadline")
        }))
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// Serves one connection until either side ends it.
async fn serve(listener: TcpListener, app: Router) {
    let (stream, _) = listener.accept().await.expect("a client");
    let service = TowerToHyperService::new(app.layer(instrumental_http::server()));
    let connection = hyper::server::conn::http1::Builder::new();
    let _ = connection
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Requests the paths one after another on one connection.
async fn ask(address: SocketAddr, paths: &[&str], headers: HeaderMap) -> Vec<(u16, Bytes)> {
    let stream = TcpStream::connect(address).await.expect("a server");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("a connection");
    let answers = async move {
        let mut answers = Vec::new();
        for path in paths {
            let mut request = Request::new(Empty::<Bytes>::new());
            *request.uri_mut() = path.parse().expect("a path");
            *request.headers_mut() = headers.clone();
            let host = address.to_string().parse().expect("a value");
            request.headers_mut().insert("host", host);
            let response = sender.send_request(request).await.expect("an answer");
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.expect("a body");
            answers.push((status, body.to_bytes()));
        }
        answers
    };
    let (answers, ended) = tokio::join!(answers, connection);
    ended.expect("an orderly end");
    answers
}

/// A client that opens a connection for each request.
struct Wire;

impl Service<Request<()>> for Wire {
    type Response = Response<Full<Bytes>>;
    type Error = http::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        Box::pin(async move {
            let (parts, ()) = request.into_parts();
            let authority = parts.uri.authority().map(ToString::to_string);
            let address = authority.and_then(|a| a.parse().ok()).expect("an address");
            let answers = ask(address, &[parts.uri.path()], parts.headers).await;
            let (status, body) = answers.into_iter().next().expect("an answer");
            Response::builder().status(status).body(Full::new(body))
        })
    }
}

fn parent() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", PARENT.parse().expect("a value"));
    headers
}

#[test]
fn two_services_write_one_trace() {
    let (answers, seen) = run(async {
        let (front, front_address) = listener().await;
        let (back, back_address) = listener().await;
        let jobs = Router::new().route("/jobs/{id}", get(|| async { "a job" }));
        let call = move || async move {
            let request = Request::builder().uri(format!("http://{back_address}/jobs/3"));
            let mut client = instrumental_http::client().layer(Wire);
            let answer = client.call(request.body(()).expect("a request")).await;
            answer.expect("an answer").into_body()
        };
        let front_app = Router::new().route(
            "/front",
            get(move || async move { axum::body::Body::new(call().await) }),
        );
        let (answers, (), ()) = tokio::join!(
            ask(front_address, &["/front"], parent()),
            serve(front, front_app),
            serve(back, jobs)
        );
        answers
    });
    assert_eq!(answers, [(200, Bytes::from_static(b"a job"))]);
    let (front, client, back) = (
        seen.span("GET /front"),
        seen.span("GET"),
        seen.span("GET /jobs/{id}"),
    );
    for (span, kind, parent) in [
        (front, SpanKind::Server, 0x00f0_67aa_0ba9_02b7),
        (client, SpanKind::Client, front.span_id),
        (back, SpanKind::Server, client.span_id),
    ] {
        assert_eq!(
            (span.trace_id, span.kind, span.parent_id, span.outcome),
            (TRACE, kind, parent, Some(Outcome::Ok))
        );
    }
}

/// The headers that a service receives from another that was called with `headers`.
fn propagated(headers: HeaderMap) -> (HeaderMap, Seen) {
    let (received, seen) = run(async {
        let (front, front_address) = listener().await;
        let (back, back_address) = listener().await;
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let sender = Arc::new(std::sync::Mutex::new(Some(sender)));
        let receives = Router::new().route(
            "/receives",
            get(move |headers: HeaderMap| async move {
                let sender = sender.lock().ok().and_then(|mut sender| sender.take());
                sender.and_then(|sender| sender.send(headers).ok());
            }),
        );
        let call = move || async move {
            let request = Request::builder().uri(format!("http://{back_address}/receives"));
            let mut client = instrumental_http::client().layer(Wire);
            let answer = client.call(request.body(()).expect("a request")).await;
            answer.expect("an answer");
        };
        let front_app = Router::new().route("/calls", get(call));
        let (_, (), (), received) = tokio::join!(
            ask(front_address, &["/calls"], headers),
            serve(front, front_app),
            serve(back, receives),
            receiver
        );
        received.expect("headers")
    });
    (received, seen)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

#[test]
fn b05_incoming_context_is_propagated() {
    let mut headers = parent();
    for (name, value) in [
        ("tracestate", "rojo=1,congo=t61"),
        ("baggage", "team=red,sentry-public_key=abc"),
        (
            "baggage",
            "sentry-trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
        ),
        ("x-datadog-trace-id", "11803532876627986230"),
        ("x-datadog-parent-id", "67667974448284343"),
        ("x-datadog-sampling-priority", "2"),
        ("x-datadog-origin", "rum"),
        ("x-datadog-tags", "_dd.p.dm=-4"),
    ] {
        headers.append(name, value.parse().expect("a value"));
    }
    let (received, seen) = propagated(headers);
    let client = seen.span("GET");
    assert_eq!(client.trace_id, TRACE);
    let span = client.span_id;
    for (name, value) in [
        (
            "traceparent",
            format!("00-{TRACE:032x}-{span:016x}-01").as_str(),
        ),
        (
            "sentry-trace",
            format!("{TRACE:032x}-{span:016x}-1").as_str(),
        ),
        ("tracestate", "rojo=1,congo=t61"),
        ("x-datadog-parent-id", span.to_string().as_str()),
        ("x-datadog-sampling-priority", "2"),
        ("x-datadog-origin", "rum"),
        ("x-datadog-tags", "_dd.p.tid=4bf92f3577b34da6,_dd.p.dm=-4"),
    ] {
        assert_eq!(text(&received, name), value, "{name}");
    }
    let mut bag: Vec<&str> = text(&received, "baggage").split(',').collect();
    bag.sort_unstable();
    let ours = "sentry-trace_id=4bf92f3577b34da6a3ce929d0e0e4736";
    assert_eq!(bag, ["sentry-public_key=abc", ours, "team=red"]);
}

#[test]
fn b05_an_unsampled_trace_is_propagated_as_unsampled() {
    let mut headers = HeaderMap::new();
    let parent = PARENT.replace("-01", "-00").parse().expect("a value");
    headers.insert("traceparent", parent);
    let (received, _) = propagated(headers);
    let received_parent = text(&received, "traceparent");
    assert!(
        received_parent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"),
        "{received_parent}"
    );
    assert!(received_parent.ends_with("-00"), "{received_parent}");
    assert!(
        !received_parent.contains("00f067aa0ba902b7"),
        "{received_parent}"
    );
    assert_eq!(text(&received, "x-datadog-sampling-priority"), "0");
    assert!(text(&received, "sentry-trace").ends_with("-0"));
}

#[test]
fn a_panic_does_not_end_the_connection() {
    let (answers, seen) = run(async {
        let (socket, address) = listener().await;
        let app = Router::new()
            .route(
                "/panics",
                get(|| async {
                    if true {
                        panic!("on purpose");
                    }
                }),
            )
            .route("/works", get(|| async { "it does" }));
        let paths = ["/panics", "/works"];
        let (answers, ()) =
            tokio::join!(ask(address, &paths, HeaderMap::new()), serve(socket, app));
        answers
    });
    let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [500, 200]);
    assert_eq!(seen.span("GET /panics").outcome, Some(Outcome::Panicked));
    // The second request begins a new trace.
    assert_eq!(seen.span("GET /works").parent_id, 0);
    assert_ne!(
        seen.span("GET /works").trace_id,
        seen.span("GET /panics").trace_id
    );
}

#[test]
fn a_client_that_closes_the_connection_cancels_the_call() {
    let ((), seen) = run(async {
        let (socket, address) = listener().await;
        let begun = Arc::new(Notify::new());
        let begins = Arc::clone(&begun);
        let app = Router::new().route(
            "/waits",
            get(move || async move {
                begins.notify_one();
                std::future::pending::<()>().await;
            }),
        );
        let client = async {
            let mut stream = TcpStream::connect(address).await.expect("a server");
            let head = b"GET /waits HTTP/1.1\r\nhost: here\r\n\r\n";
            stream.write_all(head).await.expect("sent");
            begun.notified().await;
        };
        tokio::join!(client, serve(socket, app));
    });
    assert_eq!(seen.span("GET /waits").outcome, Some(Outcome::Cancelled));
    let labels = [
        ("http.route", "/waits"),
        ("http.response.status_code", "499"),
    ];
    assert_eq!(seen.histogram("http.server.request.duration", &labels).0, 1);
    assert_eq!(seen.gauge("http.server.active_requests", &[]), 0.0);
}
