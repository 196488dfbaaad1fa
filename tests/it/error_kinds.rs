//! Classes and labels of the errors of other libraries.

use axum::Json;
use http::StatusCode;
use instrumental::{Classified, ErrorKind, Outcome, capture_errors, testing};
use std::io;
use std::sync::Arc;

/// One function for each type of error.
macro_rules! fails {
    ($($name:ident: $ty:ty = $make:expr;)*) => {$(
        #[capture_errors]
        #[instrumental::traced]
        // The size of the error types is not ours to choose.
        #[allow(clippy::result_large_err)]
        fn $name() -> Result<(), $ty> {
            Err($make)
        }
    )*};
}

fn ignore<T>(_: &T) {}

/// The label and class with which a call's error is counted, and the text of its report.
#[track_caller]
fn counted(call: impl FnOnce()) -> (String, String, Option<String>) {
    let (_, seen) = testing::capture(call);
    let counted: Vec<_> = seen.metrics().iter().collect();
    let counted = counted
        .into_iter()
        .find(|metric| metric.name == "function.errors");
    let labels = &counted.expect("an error was counted").labels;
    let of = |name: &str| {
        let found = labels.iter().find(|(key, _)| key == name);
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    let text = seen.reports().next().map(|report| report.text.clone());
    (of("error"), of("class"), text)
}

macro_rules! assert_counted {
    ($($call:ident => $label:literal, $class:literal $(, $text:literal)?;)*) => {$(
        let text: Option<String> = None $(.or(Some($text.to_owned())))?;
        assert_eq!(
            counted(|| ignore(&$call())),
            ($label.to_owned(), $class.to_owned(), text),
            stringify!($call)
        );
    )*};
}

/// An error type named like those of web frameworks.
mod html {
    #[derive(Debug)]
    #[allow(dead_code)]
    pub(super) struct Error(pub(super) &'static str);
}

#[derive(Debug)]
#[allow(dead_code)]
struct Problem {
    title: &'static str,
}

#[derive(Debug, Outcome)]
enum LedgerError {
    #[outcome(expected)]
    NoEntry,
    #[outcome(fatal)]
    SumsDiffer,
}

#[derive(Debug, instrumental::Label)]
enum Step {
    Parsing(#[allow(dead_code)] u8),
}

fn answer(status: StatusCode) -> http::Response<&'static str> {
    let mut answer = http::Response::new("body");
    *answer.status_mut() = status;
    answer
}

const PROBLEM: Problem = Problem { title: "x" };
const PAGE: html::Error = html::Error("page");

fails! {
    page: (u16, html::Error) = (500, PAGE);
    json: Json<Problem> = Json(PROBLEM);
    status: StatusCode = StatusCode::NOT_FOUND;
    with_page: (StatusCode, html::Error) = (StatusCode::NOT_FOUND, PAGE);
    with_json: (StatusCode, Json<Problem>) = (StatusCode::CONFLICT, Json(PROBLEM));
    with_text: (StatusCode, String) = (StatusCode::SERVICE_UNAVAILABLE, "busy".into());
    with_more: (StatusCode, [(&'static str, &'static str); 1], String) =
        (StatusCode::INTERNAL_SERVER_ERROR, [("a", "b")], "broken".into());
    with_class: (StatusCode, LedgerError) = (StatusCode::IM_A_TEAPOT, LedgerError::SumsDiffer);
    with_name: (StatusCode, Step) = (StatusCode::CONFLICT, Step::Parsing(1));
    number_with_name: (u16, Step) = (409, Step::Parsing(1));
    full_answer: http::Response<&'static str> = answer(StatusCode::GONE);
    grpc: tonic::Status = tonic::Status::not_found("no such route");
    grpc_failure: tonic::Status = tonic::Status::internal("broken");
    grpc_busy: tonic::Status = tonic::Status::unavailable("busy");
    grpc_shared: Arc<tonic::Status> = Arc::new(tonic::Status::permission_denied("no"));
    actix: actix_web::Error = actix_web::error::ErrorNotFound("no such file");
    actix_failure: actix_web::Error = actix_web::error::ErrorInternalServerError("broken");
    actix_inner: actix_web::error::InternalError<&'static str> =
        actix_web::error::InternalError::new("bad", actix_web::http::StatusCode::BAD_REQUEST);
}

#[test]
fn f62_errors_of_other_libraries_have_classes() {
    assert_counted! {
        status => "not_found", "expected";
        with_page => "not_found", "expected";
        with_json => "conflict", "client";
        with_text => "service_unavailable", "retry", "busy";
        with_more => "internal_server_error", "server", "broken";
        with_class => "sums_differ", "fatal", "(418, SumsDiffer)";
        with_name => "parsing", "client";
        number_with_name => "parsing", "server", "(409, Parsing(1))";
        full_answer => "gone", "expected";
        grpc => "not_found", "expected";
        grpc_failure => "internal", "server", "code: 'Internal error', message: \"broken\"";
        grpc_busy => "unavailable", "retry", "code: 'The service is currently unavailable', message: \"busy\"";
        grpc_shared => "permission_denied", "client";
        actix => "not_found", "expected";
        actix_failure => "internal_server_error", "server", "broken";
        actix_inner => "bad_request", "client";
    }
}

#[test]
fn f62_all_statuses_have_a_class() {
    let of = |status: u16| StatusCode::from_u16(status).expect("a status").class().kind;
    for (status, kind) in [
        (304, ErrorKind::Expected),
        (400, ErrorKind::Client),
        (404, ErrorKind::Expected),
        (408, ErrorKind::Retry),
        (410, ErrorKind::Expected),
        (422, ErrorKind::Client),
        (429, ErrorKind::Retry),
        (500, ErrorKind::Server),
        (501, ErrorKind::Server),
        (502, ErrorKind::Retry),
        (503, ErrorKind::Retry),
        (504, ErrorKind::Retry),
    ] {
        assert_eq!(of(status), kind, "{status}");
    }
    let distinct: std::collections::HashSet<_> = (400..=511)
        .filter_map(|status| StatusCode::from_u16(status).ok())
        .filter(|status| status.canonical_reason().is_some())
        .map(|status| (status.label(), status))
        .map(|(label, _)| label)
        .collect();
    let known = (400..=511).filter_map(|status| StatusCode::from_u16(status).ok());
    let known = known.filter(|status| status.canonical_reason().is_some());
    assert_eq!(distinct.len(), known.count());
}

#[test]
fn f62_grpc_codes_have_classes() {
    for code in 0..=16 {
        let status = tonic::Status::new(tonic::Code::from_i32(code), "");
        let kind = match code {
            0 | 5 => ErrorKind::Expected,
            4 | 8 | 10 | 14 => ErrorKind::Retry,
            2 | 12 | 13 | 15 => ErrorKind::Server,
            _ => ErrorKind::Client,
        };
        assert_eq!(status.class().kind, kind, "{code}");
    }
}

/// The error of reqwest for a server that sends `response`.
fn request_error(response: &'static [u8]) -> reqwest::Error {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(response);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let error = runtime.expect("a runtime").block_on(async {
        let answer = reqwest::get(format!("http://{address}/")).await?;
        answer.error_for_status()?.text().await
    });
    serving.join().expect("served");
    error.expect_err("a failure")
}

#[test]
fn f62_reqwest_errors_have_classes() {
    let of = |error: &reqwest::Error| (error.label(), error.class().kind);
    let missing =
        request_error(b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(of(&missing), ("not_found", ErrorKind::Expected));
    let busy =
        request_error(b"HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(of(&busy), ("service_unavailable", ErrorKind::Retry));
    let cut =
        request_error(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhalf");
    assert_eq!(cut.class().kind, ErrorKind::Retry, "{cut:?}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let nowhere = runtime
        .expect("a runtime")
        .block_on(reqwest::get("http://127.0.0.1:1/"));
    assert_eq!(
        of(&nowhere.expect_err("nothing listens")),
        ("connect", ErrorKind::Retry)
    );
}

#[test]
fn f62_axum_rejections_have_classes() {
    use axum::extract::FromRequest as _;
    let request = http::Request::post("/")
        .body(axum::body::Body::from("{}"))
        .expect("a request");
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let refused = runtime.block_on(Json::<u8>::from_request(request, &()));
    let refused = refused.expect_err("a missing content type");
    assert_eq!(refused.label(), "unsupported_media_type");
    assert_eq!(refused.class().kind, ErrorKind::Client);
}

#[derive(Debug, thiserror::Error, Outcome)]
enum DatabaseError {
    #[error("no such row")]
    #[outcome(expected)]
    NoRow,
    #[error("the pool is empty")]
    #[outcome(retry, http = 429)]
    PoolEmpty,
    #[error("the disk: {0}")]
    #[outcome(fatal, page)]
    Disk(io::Error),
}

#[derive(Debug, thiserror::Error, Outcome)]
enum ServiceError {
    #[error(transparent)]
    #[outcome(transparent)]
    Database(#[from] DatabaseError),
    #[error("of a client")]
    #[outcome(transparent)]
    Upstream { source: Arc<tonic::Status> },
    #[error("boxed")]
    #[outcome(transparent)]
    #[label("boxed_database")]
    Boxed(Box<DatabaseError>),
    #[error("other")]
    #[outcome(client)]
    Other,
}

#[derive(Debug, thiserror::Error, Outcome)]
enum HandlerError<E: std::error::Error + 'static> {
    #[error("further in")]
    #[outcome(transparent)]
    Service(#[from] ServiceError),
    #[error("of any kind")]
    #[outcome(transparent)]
    Any(#[source] E),
}

fails! {
    inner_expected: ServiceError = DatabaseError::NoRow.into();
    inner_retry: ServiceError = DatabaseError::PoolEmpty.into();
    inner_fatal: ServiceError = DatabaseError::Disk(io::Error::other("full")).into();
    inner_status: ServiceError =
        ServiceError::Upstream { source: Arc::new(tonic::Status::not_found("gone")) };
    inner_labelled: ServiceError = ServiceError::Boxed(Box::new(DatabaseError::NoRow));
    outer_own: ServiceError = ServiceError::Other;
    two_deep: HandlerError<DatabaseError> = ServiceError::from(DatabaseError::NoRow).into();
    of_a_parameter: HandlerError<DatabaseError> = HandlerError::Any(DatabaseError::PoolEmpty);
}

#[test]
fn f62_a_transparent_variant_has_the_class_and_label_of_its_inner_error() {
    assert_counted! {
        inner_expected => "no_row", "expected";
        inner_retry => "pool_empty", "retry", "the pool is empty";
        inner_fatal => "disk", "fatal", "the disk: full";
        inner_status => "not_found", "expected";
        inner_labelled => "boxed_database", "expected";
        outer_own => "other", "client";
        two_deep => "no_row", "expected";
        of_a_parameter => "pool_empty", "retry", "of any kind";
    }
    let error = ServiceError::from(DatabaseError::PoolEmpty);
    assert_eq!(error.class().status(), 429);
    assert!(
        ServiceError::from(DatabaseError::Disk(io::Error::other("full")))
            .class()
            .page
    );
}

#[test]
fn f63_labels_are_readable_type_names() {
    assert_counted! {
        page => "html::Error", "server", "(500, Error(\"page\"))";
        json => "Problem", "server", "Json(Problem { title: \"x\" })";
    }
    assert_eq!(LedgerError::NoEntry.label(), "no_entry");
}
