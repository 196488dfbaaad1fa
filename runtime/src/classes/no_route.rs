//! Stands in for axum's routes if feature `axum` is off: a request's route is then what `ServerLayer::route` says.

use ::http::request::Parts;

pub(crate) fn matched(_: &Parts) -> Option<String> {
    None
}
