//! Errors of reqwest: what the other service answered, or why it did not.

use crate::model::fault::{Classified, ErrorClass, ErrorKind};
use crate::model::status;
use ::reqwest::Error;
use std::error::Error as _;
use std::io;

impl Classified for Error {
    fn label(&self) -> &'static str {
        class_of(self).0
    }

    fn class(&self) -> ErrorClass {
        class_of(self).1
    }
}

/// The status is the other's: it is not what this service answers with.
fn class_of(error: &Error) -> (&'static str, ErrorClass) {
    let of = |label, kind| (label, ErrorClass::of(kind));
    if let Some(code) = error.status() {
        let kind = ErrorClass::of_http(code.as_u16()).kind;
        return of(status::label(code.as_u16()), kind);
    }
    match error {
        error if error.is_timeout() => of("timeout", ErrorKind::Retry),
        error if error.is_connect() => of("connect", ErrorKind::Retry),
        error if error.is_builder() => of("builder", ErrorKind::Server),
        error if error.is_redirect() => of("redirect", ErrorKind::Server),
        error if error.is_decode() && !is_of_the_connection(error) => {
            of("decode", ErrorKind::Server)
        }
        // The connection broke while something was sent or received.
        error if error.is_body() || error.is_decode() => of("body", ErrorKind::Retry),
        error if error.is_request() => of("request", ErrorKind::Retry),
        _ => of("other", ErrorKind::Server),
    }
}

/// What could not be read is said to be not decoded.
fn is_of_the_connection(error: &Error) -> bool {
    let sources = std::iter::successors(error.source(), |&error| error.source());
    sources.take(20).any(|error| error.is::<io::Error>())
}
