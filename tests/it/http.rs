//! The tower layers.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http_body_util::BodyExt;
use instrumental::testing::{Seen, capture_async};
use instrumental::{Outcome, SpanKind, User, http as instrumental_http, set_user, traced};
use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use tower_layer::Layer;
use tower_service::Service;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

pub(super) fn run<F: Future>(future: F) -> (F::Output, Seen) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(capture_async(future))
}

/// A body that yields one part and then stays pending.
struct Endless(bool);

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(
            b"part",
        )))))
    }
}

#[traced]
pub(super) async fn work() {
    tokio::task::yield_now().await;
}

pub(super) fn router() -> Router {
    Router::new()
        .route(
            "/jobs/{id}",
            get(|| async {
                work().await;
                "a job"
            }),
        )
        .route(
            "/fails",
            post(|| async { http::StatusCode::SERVICE_UNAVAILABLE }),
        )
        .route(
            "/panics",
            get(|| async {
                if true {
                    panic!("on purpose");
                }
            }),
        )
        .route(
            "/waits",
            get(|| async { std::future::pending::<()>().await }),
        )
        .route(
            "/endless",
            get(|| async { Response::new(Body::new(Endless(false))) }),
        )
        .route("/user", get(|| async { set_user(User::id(1)) }))
        .layer(instrumental_http::server())
}

pub(super) fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "shop.example:8080")
}

/// Sends a request and reads the whole response.
async fn ask(mut service: Router, request: http::request::Builder) -> (u16, Bytes) {
    let request = request.body(Body::empty()).expect("a request");
    let response = Service::call(&mut service, request)
        .await
        .expect("infallible");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body");
    (status, body.to_bytes())
}

#[test]
fn a_request_is_a_call() {
    let request = request("GET", "/jobs/17?token=secret")
        .header("user-agent", "curl")
        .header("content-length", "5");
    let ((status, body), seen) = run(ask(router(), request));
    assert_eq!((status, &body[..]), (200, &b"a job"[..]));
    let span = seen.span("GET /jobs/{id}");
    assert_eq!(
        (span.kind, span.outcome, span.parent_id),
        (SpanKind::Server, Some(Outcome::Ok), 0)
    );
    for (field, value) in [
        ("http.request.method", "GET"),
        ("url.path", "/jobs/17"),
        ("url.scheme", "http"),
        ("http.route", "/jobs/{id}"),
        ("http.response.status_code", "200"),
        ("server.address", "shop.example"),
        ("server.port", "8080"),
        ("user_agent.original", "curl"),
        ("network.protocol.version", "1.1"),
    ] {
        assert_eq!(span.field(field), Some(value), "{field}");
    }
    assert!(
        !format!("{seen:?}").contains("secret"),
        "the query is not recorded"
    );
    assert_eq!(seen.span("work").parent_id, span.span_id);
    let labels = [("http.request.method", "GET"), ("http.route", "/jobs/{id}")];
    assert_eq!(seen.histogram("http.server.request.duration", &labels).0, 1);
    assert_eq!(
        seen.histogram("http.server.request.body.size", &labels),
        (1, 5.0)
    );
    assert_eq!(
        seen.histogram("http.server.response.body.size", &labels),
        (1, 5.0)
    );
    assert_eq!(seen.gauge("http.server.active_requests", &[]), 0.0);
}

#[test]
fn the_status_decides_the_outcome() {
    let (_, seen) = run(async {
        ask(router(), request("POST", "/fails")).await;
        ask(router(), request("GET", "/nothing/17")).await;
        ask(router(), request("BREW", "/jobs/1")).await;
    });
    let failed = seen.span("POST /fails");
    assert_eq!(
        (failed.outcome, failed.error),
        (Some(Outcome::Error), "503")
    );
    assert_eq!(seen.span("GET").outcome, Some(Outcome::Ok));
    let other = seen.span("HTTP /jobs/{id}");
    assert_eq!(other.field("http.request.method"), Some("_OTHER"));
    assert_eq!(
        seen.histogram(
            "http.server.request.duration",
            &[("http.response.status_code", "404")]
        )
        .0,
        1
    );
}

#[test]
fn a_panic_is_answered_with_500() {
    let ((status, _), seen) = run(ask(router(), request("GET", "/panics")));
    assert_eq!(status, 500);
    let span = seen.span("GET /panics");
    assert_eq!(span.outcome, Some(Outcome::Panicked));
    assert_eq!(span.field("http.response.status_code"), Some("500"));
}

#[test]
fn a_client_that_disconnects_cancels_the_call() {
    let ((), seen) = run(async {
        let mut service = router();
        let waits = request("GET", "/waits")
            .body(Body::empty())
            .expect("a request");
        let mut context = Context::from_waker(Waker::noop());
        {
            let mut future = pin!(Service::call(&mut service, waits));
            assert!(future.as_mut().poll(&mut context).is_pending());
        }
        let endless = request("GET", "/endless")
            .body(Body::empty())
            .expect("a request");
        let response = Service::call(&mut service, endless)
            .await
            .expect("infallible");
        let mut body = response.into_body();
        let frame = body.frame().await.expect("a part").expect("data");
        assert_eq!(frame.data_ref().map(|data| data.len()), Some(4));
    });
    for name in ["GET /waits", "GET /endless"] {
        assert_eq!(seen.span(name).outcome, Some(Outcome::Cancelled), "{name}");
    }
    let labels = [("http.response.status_code", "499")];
    assert_eq!(seen.histogram("http.server.request.duration", &labels).0, 2);
    assert_eq!(seen.gauge("http.server.active_requests", &[]), 0.0);
}

#[test]
fn one_trace_spans_both_services() {
    // The first service calls the second through the client layer; only the headers connect them.
    let first = Router::new()
        .route(
            "/front",
            get(|| async {
                let mut client = instrumental_http::client().layer(router());
                let request = Request::builder().uri("http://back.example:81/jobs/3?token=secret");
                let response = client
                    .call(request.body(Body::empty()).expect("a request"))
                    .await;
                response
                    .expect("infallible")
                    .into_body()
                    .collect()
                    .await
                    .expect("a body");
            }),
        )
        .layer(instrumental_http::server());
    let (_, seen) = run(ask(
        first,
        request("GET", "/front").header("traceparent", PARENT),
    ));
    let (front, client, back) = (
        seen.span("GET /front"),
        seen.span("GET"),
        seen.span("GET /jobs/{id}"),
    );
    assert_eq!(front.trace_id, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
    assert_eq!(front.parent_id, 0x00f0_67aa_0ba9_02b7);
    assert_eq!(
        (client.kind, client.parent_id),
        (SpanKind::Client, front.span_id)
    );
    assert_eq!(
        client.field("url.full"),
        Some("http://back.example:81/jobs/3")
    );
    assert_eq!(
        (back.trace_id, back.parent_id),
        (front.trace_id, client.span_id)
    );
    let labels = [
        ("server.address", "back.example"),
        ("http.response.status_code", "200"),
    ];
    assert_eq!(seen.histogram("http.client.request.duration", &labels).0, 1);
}

#[test]
fn b08_malformed_headers_are_ignored_and_counted() {
    let bad = request("GET", "/jobs/1")
        .header("traceparent", "00-zz")
        .header("b3", "?")
        // Not UTF-8.
        .header("baggage", &b"team=\xff\xfe"[..])
        .header("tracestate", &b"\xc3\x28"[..]);
    let ((status, _), seen) = run(ask(router(), bad));
    assert_eq!((status, seen.span("GET /jobs/{id}").parent_id), (200, 0));
    assert_eq!(
        seen.lost(),
        [(instrumental::LostReason::PropagationInvalid, 2)]
    );
}

#[test]
fn a_grpc_call_ends_with_the_code_of_its_trailers() {
    for (code, outcome, error) in [
        ("0", Outcome::Ok, ""),
        ("5", Outcome::Ok, ""),
        ("13", Outcome::Error, "INTERNAL"),
    ] {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("grpc-status", code.parse().expect("a value"));
        let service = Router::new()
            .fallback(move || {
                let body = http_body_util::Full::new(Bytes::from_static(b"\0\0\0\0\0"));
                let trailers = trailers.clone();
                async move {
                    Response::new(Body::new(
                        body.with_trailers(async move { Some(Ok(trailers)) }),
                    ))
                }
            })
            .layer(instrumental_http::server());
        let call = request("POST", "/shop.Jobs/Post").header("content-type", "application/grpc");
        let (_, seen) = run(ask(service, call));
        let span = seen.span("shop.Jobs/Post");
        assert_eq!((span.outcome, span.error), (Some(outcome), error), "{code}");
        for (field, value) in [
            ("rpc.system", "grpc"),
            ("rpc.service", "shop.Jobs"),
            ("rpc.method", "Post"),
            ("rpc.grpc.status_code", code),
        ] {
            assert_eq!(span.field(field), Some(value), "{field}");
        }
    }
}

/// A service that panics in `call`, before it returns a future.
#[derive(Clone)]
pub(super) struct PanicsAtOnce;

impl Service<Request> for PanicsAtOnce {
    type Response = Response;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        panic!("in call")
    }
}

#[test]
fn a_panic_in_call_is_answered_with_500_too() {
    let (status, seen) = run(async {
        let mut service = instrumental_http::server().layer(PanicsAtOnce);
        let request = request("GET", "/").body(Body::empty()).expect("a request");
        let response = Service::call(&mut service, request).await;
        response.expect("infallible").status()
    });
    assert_eq!(status, 500);
    assert_eq!(seen.span("GET").outcome, Some(Outcome::Panicked));
    assert_eq!(seen.gauge("http.server.active_requests", &[]), 0.0);
}

#[test]
fn unknown_grpc_methods_do_not_become_routes() {
    let service = Router::new()
        .fallback(|| async { ([("grpc-status", "12")], "") })
        .layer(instrumental_http::server());
    let (_, seen) = run(async {
        for path in ["/made.up/One", "/made.up/Two", "/../%20/x", "/one"] {
            let call = request("POST", path).header("content-type", "application/grpc");
            ask(service.clone(), call).await;
        }
    });
    assert_eq!(seen.span("made.up/One").error, "UNIMPLEMENTED");
    assert_eq!(seen.span("POST").error, "UNIMPLEMENTED");
    let count = |labels| seen.histogram("http.server.request.duration", labels).0;
    assert_eq!(count(&[]), 4);
    assert_eq!(count(&[("http.route", "_OTHER")]), 4);
}

#[test]
fn x09_a_user_does_not_leak_into_the_next_request() {
    let service = Router::new()
        .route(
            "/ask",
            get(|| async {
                instrumental::capture_message("who", instrumental::Level::Info);
            }),
        )
        .merge(Router::new().route(
            "/user",
            get(|| async {
                set_user(User::id(1));
                tokio::task::yield_now().await;
                instrumental::capture_message("me", instrumental::Level::Info);
            }),
        ))
        .layer(instrumental_http::server());
    let (_, seen) = run(async {
        let both = (
            ask(service.clone(), request("GET", "/user")),
            ask(service, request("GET", "/ask")),
        );
        tokio::join!(both.0, both.1)
    });
    let users: Vec<_> = seen
        .reports()
        .map(|r| (r.text.clone(), r.user.is_some()))
        .collect();
    assert!(
        users.contains(&("me".into(), true)) && users.contains(&("who".into(), false)),
        "{users:?}"
    );
}
