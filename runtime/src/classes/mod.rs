//! Support for other libraries, each behind the feature of its name: classification of their errors by status or code,
//! axum's routes and tokio's tasks.

#[cfg(feature = "actix-web")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "axum")]
pub(crate) mod route;
#[cfg(all(feature = "http", not(feature = "axum")))]
#[path = "no_route.rs"]
pub(crate) mod route;
#[cfg(feature = "tokio")]
pub(crate) mod tokio;
#[cfg(feature = "tonic")]
mod tonic;
