//! The route that axum matched.

use ::http::request::Parts;
use axum::extract::MatchedPath;

pub(crate) fn matched(parts: &Parts) -> Option<String> {
    let matched = parts.extensions.get::<MatchedPath>();
    matched.map(|path| path.as_str().to_owned())
}
