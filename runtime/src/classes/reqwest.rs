//! Errors of reqwest, classified by the status of the response or the reason why there is none.

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

/// Returns the label and the class. The class has no HTTP status: the status of another service's response is not the status
/// of this service's own.
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
        error if error.is_decode() && !is_io_error(error) => of("decode", ErrorKind::Server),
        // The connection broke while a body was sent or received.
        error if error.is_body() || error.is_decode() => of("body", ErrorKind::Retry),
        error if error.is_request() => of("request", ErrorKind::Retry),
        _ => of("other", ErrorKind::Server),
    }
}

/// Returns whether an error of the connection caused this one. reqwest reports a body that could not be read as not decoded.
fn is_io_error(error: &Error) -> bool {
    let sources = std::iter::successors(error.source(), |&error| error.source());
    sources.take(20).any(|error| error.is::<io::Error>())
}
