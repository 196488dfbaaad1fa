//! Replaces [`route`](super::route) without the `axum` feature: only `ServerLayer::route` gives requests a route.

use ::http::request::Parts;

pub(crate) fn matched(_: &Parts) -> Option<String> {
    None
}
