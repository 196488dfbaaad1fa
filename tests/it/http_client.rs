//! The tower layer of clients.

use crate::http::{PanicsAtOnce, request, router, run, work};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use bytes::Bytes;
use http_body_util::BodyExt;
use instrumental::{Outcome, http as instrumental_http, traced};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use tower_layer::Layer;
use tower_service::Service;

#[test]
fn the_client_records_failures_and_propagates_to_its_targets_only() {
    let echo = Router::new().route(
        "/",
        get(|request: Request| async move {
            let has_context = request.headers().contains_key("traceparent");
            (http::StatusCode::NOT_FOUND, has_context.to_string())
        }),
    );
    #[traced]
    async fn both(echo: Router) -> Vec<Bytes> {
        let mut bodies = Vec::new();
        for url in [
            "api.EXAMPLE.org",
            "example.org",
            "evil-example.org",
            "a.example",
            "a.example.evil",
            "a.example@evil",
            "a.example:81",
        ] {
            let mut client = instrumental_http::client()
                .targets([".example.org", "http://a.example/"])
                .layer(echo.clone());
            let request = Request::builder().uri(format!("http://{url}/"));
            let response = client
                .call(request.body(Body::empty()).expect("a request"))
                .await;
            let body = response
                .expect("infallible")
                .into_body()
                .collect()
                .await
                .expect("a body");
            bodies.push(body.to_bytes());
        }
        bodies
    }
    let (bodies, seen) = run(both(echo));
    assert_eq!(
        bodies,
        ["true", "true", "false", "true", "false", "false", "false"]
    );
    let span = seen.span("GET");
    assert_eq!((span.outcome, span.error), (Some(Outcome::Error), "404"));
}

#[test]
fn a_client_that_panics_leaves_no_open_call() {
    let ((), seen) = run(async {
        let mut client = instrumental_http::client().layer(PanicsAtOnce);
        let request = request("GET", "/").body(Body::empty()).expect("a request");
        let call = std::panic::AssertUnwindSafe(|| drop(client.call(request)));
        assert!(std::panic::catch_unwind(call).is_err());
        work().await;
    });
    assert_eq!(seen.span("GET").outcome, Some(Outcome::Panicked));
    assert_eq!(seen.span("work").parent_id, 0);
}

#[test]
fn a_request_that_is_dropped_is_measured() {
    let ((), seen) = run(async {
        let mut client = instrumental_http::client().layer(router());
        let request = Request::builder().uri("http://slow.example/waits");
        let mut future = pin!(client.call(request.body(Body::empty()).expect("a request")));
        let mut context = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
    });
    assert_eq!(seen.span("GET").outcome, Some(Outcome::Cancelled));
    let labels = [
        ("server.address", "slow.example"),
        ("http.response.status_code", "cancelled"),
    ];
    assert_eq!(seen.histogram("http.client.request.duration", &labels).0, 1);
}
