//! Statuses of tonic, classified by their gRPC code.

use crate::model::fault::{Classified, ErrorClass, ErrorKind};
use ::tonic::{Code, Status};

impl Classified for Status {
    fn label(&self) -> &'static str {
        class_of(self.code()).0
    }

    fn class(&self) -> ErrorClass {
        class_of(self.code()).1
    }
}

/// Returns the label and the class, by the HTTP status that `google.rpc.Code` documents for each code.
fn class_of(code: Code) -> (&'static str, ErrorClass) {
    let of = ErrorClass::of_http;
    // The caller should retry from the start of its transaction (`google.rpc.Code`), so this is not a lasting conflict.
    let aborted = ErrorClass {
        kind: ErrorKind::Retry,
        ..of(409)
    };
    match code {
        Code::Ok => ("ok", of(200)),
        Code::Cancelled => ("cancelled", of(499)),
        Code::Unknown => ("unknown", of(500)),
        Code::InvalidArgument => ("invalid_argument", of(400)),
        Code::DeadlineExceeded => ("deadline_exceeded", of(504)),
        Code::NotFound => ("not_found", of(404)),
        Code::AlreadyExists => ("already_exists", of(409)),
        Code::PermissionDenied => ("permission_denied", of(403)),
        Code::ResourceExhausted => ("resource_exhausted", of(429)),
        Code::FailedPrecondition => ("failed_precondition", of(400)),
        Code::Aborted => ("aborted", aborted),
        Code::OutOfRange => ("out_of_range", of(400)),
        Code::Unimplemented => ("unimplemented", of(501)),
        Code::Internal => ("internal", of(500)),
        Code::Unavailable => ("unavailable", of(503)),
        Code::DataLoss => ("data_loss", of(500)),
        Code::Unauthenticated => ("unauthenticated", of(401)),
    }
}
