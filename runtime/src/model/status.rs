//! Classes of errors by HTTP status.

use super::fault::{ErrorClass, ErrorKind};

impl ErrorClass {
    /// Returns the class of an error whose response has this HTTP status. 404, 410 and all statuses below 400 are
    /// [`Expected`](ErrorKind::Expected); 408, 425, 429, 502, 503 and 504 are [`Retry`](ErrorKind::Retry); the others are
    /// [`Client`](ErrorKind::Client) below 500, and [`Server`](ErrorKind::Server) from 500.
    ///
    /// ```
    /// use instrumental::{ErrorClass, ErrorKind};
    /// assert_eq!(ErrorClass::of_http(404).kind, ErrorKind::Expected);
    /// assert_eq!(ErrorClass::of_http(422).kind, ErrorKind::Client);
    /// assert_eq!(ErrorClass::of_http(503).kind, ErrorKind::Retry);
    /// ```
    #[must_use]
    pub const fn of_http(status: u16) -> Self {
        let kind = match status {
            0..400 | 404 | 410 => ErrorKind::Expected,
            408 | 425 | 429 | 502..=504 => ErrorKind::Retry,
            400..500 => ErrorKind::Client,
            _ => ErrorKind::Server,
        };
        Self {
            kind,
            http_status: status,
            page: false,
        }
    }
}

/// Returns the label of a status: its reason phrase, written like the label of an error's variant.
pub(crate) const fn label(status: u16) -> &'static str {
    match status {
        300..400 => "redirect",
        400 => "bad_request",
        401 => "unauthorized",
        402 => "payment_required",
        403 => "forbidden",
        404 => "not_found",
        405 => "method_not_allowed",
        406 => "not_acceptable",
        407 => "proxy_authentication_required",
        408 => "request_timeout",
        409 => "conflict",
        410 => "gone",
        411 => "length_required",
        412 => "precondition_failed",
        413 => "payload_too_large",
        414 => "uri_too_long",
        415 => "unsupported_media_type",
        416 => "range_not_satisfiable",
        417 => "expectation_failed",
        418 => "im_a_teapot",
        421 => "misdirected_request",
        422 => "unprocessable_entity",
        423 => "locked",
        424 => "failed_dependency",
        425 => "too_early",
        426 => "upgrade_required",
        428 => "precondition_required",
        429 => "too_many_requests",
        431 => "request_header_fields_too_large",
        451 => "unavailable_for_legal_reasons",
        500 => "internal_server_error",
        501 => "not_implemented",
        502 => "bad_gateway",
        503 => "service_unavailable",
        504 => "gateway_timeout",
        505 => "http_version_not_supported",
        506 => "variant_also_negotiates",
        507 => "insufficient_storage",
        508 => "loop_detected",
        510 => "not_extended",
        511 => "network_authentication_required",
        _ if status / 100 == 4 => "client_error",
        _ if status / 100 == 5 => "server_error",
        _ => "other_status",
    }
}
