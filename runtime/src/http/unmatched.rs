//! Without feature `axum` nothing is known of a request's route but what [`route`](super::ServerLayer::route) says.

use ::http::request::Parts;

pub(super) fn route(_: &Parts) -> Option<String> {
    None
}
