//! What a status says of a call.

use crate::model::fault::{ErrorClass, Fault, FaultValue, Verdict};
use ::http::{HeaderMap, Method};

/// Texts of the statuses that are errors: labels live as long as the program.
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

/// The status as `error.type`, from 400 to 599.
fn text(status: u16) -> &'static str {
    let at = usize::from(status).checked_sub(400);
    at.and_then(|at| STATUSES.get(at))
        .copied()
        .unwrap_or("_OTHER")
}

/// What a server's status says: 5xx are errors, 4xx are the client's business.
pub(super) fn of_server(status: u16) -> Verdict<'static> {
    if status >= 500 {
        error(text(status))
    } else {
        Verdict::Ok
    }
}

/// What a client's status says: both are errors.
pub(super) fn of_client(status: u16) -> Verdict<'static> {
    if status >= 400 {
        error(text(status))
    } else {
        Verdict::Ok
    }
}

/// An error that is nobody's value.
pub(super) fn error(label: &'static str) -> Verdict<'static> {
    Verdict::Error(Fault {
        label,
        type_name: "",
        class: ErrorClass::UNCLASSIFIED,
        reported: false,
        value: FaultValue::Opaque,
    })
}

/// The code of a method that the server does not have.
pub(super) const UNIMPLEMENTED: u16 = 12;

/// The code of a gRPC call, from headers or trailers.
pub(super) fn grpc(headers: &HeaderMap) -> Option<u16> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}

/// Whether a request is a gRPC call.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/grpc"))
}

/// The path of a gRPC call is its method: `/package.Service/Method`. Of what else calls itself gRPC, nothing is.
pub(super) fn grpc_method(path: &str) -> Option<&str> {
    let is_name = |name: &str| {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'.';
        !name.is_empty() && name.bytes().all(is_part)
    };
    let full = path.strip_prefix('/')?;
    let (service, method) = full.split_once('/')?;
    (is_name(service) && is_name(method)).then_some(full)
}

/// What a code says of a gRPC client's call: all but `OK` are errors.
pub(super) fn of_grpc_client(code: u16) -> Verdict<'static> {
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

/// What a code says of a gRPC server's call (semantic conventions for gRPC: these are the server's errors).
pub(super) fn of_grpc(code: u16) -> Verdict<'static> {
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

/// The method; `_OTHER` where it is not one of HTTP's own, as anybody can send any.
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

/// The method in a span's name, where it is known.
pub(super) fn method_name(method: &'static str) -> &'static str {
    if method == "_OTHER" { "HTTP" } else { method }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        for (status, server, client) in [
            (200, None, None),
            (404, None, Some("404")),
            (500, Some("500"), Some("500")),
            (599, Some("599"), Some("599")),
            (600, Some("_OTHER"), Some("_OTHER")),
        ] {
            let label = |verdict: Verdict<'_>| match verdict {
                Verdict::Ok => None,
                Verdict::Error(fault) => Some(fault.label),
            };
            assert_eq!(label(of_server(status)), server);
            assert_eq!(label(of_client(status)), client);
        }
    }
}
