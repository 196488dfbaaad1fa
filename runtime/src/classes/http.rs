//! Statuses of HTTP, responses, and tuples that axum turns into responses, classified by their status.

use crate::model::fault::{Classified, ErrorClass};
use crate::model::status;
use ::http::{Response, StatusCode};

macro_rules! by_status {
    ($([$($generic:ident)*] $ty:ty, |$error:ident| $status:expr;)*) => {$(
        impl<$($generic),*> Classified for $ty {
            fn label(&self) -> &'static str {
                let $error = self;
                status::label($status.as_u16())
            }

            fn class(&self) -> ErrorClass {
                let $error = self;
                ErrorClass::of_http($status.as_u16())
            }
        }
    )*};
}

by_status! {
    [] StatusCode, |error| error;
    [T] Response<T>, |error| error.status();
    [T] (StatusCode, T), |error| error.0;
    [A T] (StatusCode, A, T), |error| error.0;
    [A B T] (StatusCode, A, B, T), |error| error.0;
}
