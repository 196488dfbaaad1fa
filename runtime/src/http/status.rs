//! The outcome of a call by its HTTP status or gRPC code.

use crate::model::fault::{ErrorClass, Fault, FaultValue, Verdict};
use ::http::{HeaderMap, Method, Response};

/// The status of a response, and its gRPC code if its head has one.
#[derive(Clone, Copy)]
pub(super) struct ResponseStatus {
    pub(super) http: u16,
    pub(super) grpc: Option<u16>,
}

impl ResponseStatus {
    pub(super) fn of<R>(response: &Response<R>) -> Self {
        Self {
            http: response.status().as_u16(),
            grpc: grpc_code(response.headers()),
        }
    }
}

/// Texts of the statuses from 400 to 599. Labels are `&'static str`, so the texts are made at compile time.
const STATUSES: [&str; 200] = {
    const DIGITS: &[u8; 600] = &digits();
    let mut texts = [""; 200];
    let mut n = 0;
    while n < 200 {
        let (_, from) = DIGITS.split_at(3 * n);
        let (text, _) = from.split_at(3);
        texts[n] = match std::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "",
        };
        n += 1;
    }
    texts
};

const fn digits() -> [u8; 600] {
    let mut digits = [b'0'; 600];
    let mut n = 0;
    while n < 200 {
        let status = 400 + n;
        digits[3 * n] = b'0' + (status / 100) as u8;
        digits[3 * n + 1] = b'0' + (status / 10 % 10) as u8;
        digits[3 * n + 2] = b'0' + (status % 10) as u8;
        n += 1;
    }
    digits
}

/// Returns the `error.type` of a status: its digits, or `_OTHER` outside 400 to 599.
fn error_type(status: u16) -> &'static str {
    let at = usize::from(status).checked_sub(400);
    at.and_then(|at| STATUSES.get(at))
        .copied()
        .unwrap_or("_OTHER")
}

/// Returns the outcome of a server's call. A 4xx is the client's error (semantic conventions for HTTP, span status).
pub(super) fn server_outcome(status: u16) -> Verdict<'static> {
    if status >= 500 {
        error(error_type(status))
    } else {
        Verdict::Ok
    }
}

/// Returns the outcome of a client's call: 4xx and 5xx are errors (semantic conventions for HTTP, span status).
pub(super) fn client_outcome(status: u16) -> Verdict<'static> {
    if status >= 400 {
        error(error_type(status))
    } else {
        Verdict::Ok
    }
}

/// Returns an error outcome that has a label and no error value.
pub(super) fn error(label: &'static str) -> Verdict<'static> {
    Verdict::Error(Fault {
        label,
        type_name: "",
        class: ErrorClass::UNCLASSIFIED,
        reported: false,
        value: FaultValue::Opaque,
    })
}

/// The gRPC code for a method that the server does not have.
pub(super) const UNIMPLEMENTED: u16 = 12;

/// Returns the code of a gRPC call in these headers or trailers.
pub(super) fn grpc_code(headers: &HeaderMap) -> Option<u16> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}

/// Returns whether a request is a gRPC call.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("application/grpc"))
}

/// Returns the method of a gRPC call, `package.Service/Method`, if its path has that form.
pub(super) fn grpc_method(path: &str) -> Option<&str> {
    let is_name = |name: &str| {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'.';
        !name.is_empty() && name.bytes().all(is_part)
    };
    let full = path.strip_prefix('/')?;
    let (service, method) = full.split_once('/')?;
    (is_name(service) && is_name(method)).then_some(full)
}

/// Returns the outcome of a gRPC client's call: every code but `OK` is an error (semantic conventions for gRPC).
pub(super) fn client_grpc_outcome(code: u16) -> Verdict<'static> {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    match code {
        0 => Verdict::Ok,
        code => error(NAMES.get(usize::from(code)).copied().unwrap_or("_OTHER")),
    }
}

/// Returns the outcome of a gRPC server's call: only these codes are the server's errors (semantic conventions for gRPC).
pub(super) fn server_grpc_outcome(code: u16) -> Verdict<'static> {
    match code {
        2 => error("UNKNOWN"),
        4 => error("DEADLINE_EXCEEDED"),
        UNIMPLEMENTED => error("UNIMPLEMENTED"),
        13 => error("INTERNAL"),
        14 => error("UNAVAILABLE"),
        15 => error("DATA_LOSS"),
        _ => Verdict::Ok,
    }
}

/// Returns the name of a method that HTTP defines, or `_OTHER`: a client can send any name, and this one is a label.
pub(super) fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => "_OTHER",
    }
}

/// Returns the method as it appears in the name of a span; `HTTP` if it is unknown (semantic conventions for HTTP).
pub(super) fn method_name(method: &'static str) -> &'static str {
    if method == "_OTHER" { "HTTP" } else { method }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_by_status() {
        for (status, server, client) in [
            (200, None, None),
            (404, None, Some("404")),
            (500, Some("500"), Some("500")),
            (599, Some("599"), Some("599")),
            (600, Some("_OTHER"), Some("_OTHER")),
        ] {
            let label = |outcome: Verdict<'_>| match outcome {
                Verdict::Ok => None,
                Verdict::Error(fault) => Some(fault.label),
            };
            assert_eq!(label(server_outcome(status)), server);
            assert_eq!(label(client_outcome(status)), client);
        }
    }
}
