//! Errors of actix-web, classified by the status of their responses.

use crate::model::fault::{Classified, ErrorClass};
use crate::model::status;
use actix_web::error::{Error, InternalError};
use actix_web::{HttpResponse, ResponseError};
use std::fmt::{Debug, Display};

fn status_of(error: &Error) -> u16 {
    error.as_response_error().status_code().as_u16()
}

impl Classified for Error {
    fn label(&self) -> &'static str {
        status::label(status_of(self))
    }

    fn class(&self) -> ErrorClass {
        ErrorClass::of_http(status_of(self))
    }
}

impl<T: Debug + Display> Classified for InternalError<T> {
    fn label(&self) -> &'static str {
        status::label(self.status_code().as_u16())
    }

    fn class(&self) -> ErrorClass {
        ErrorClass::of_http(self.status_code().as_u16())
    }
}

impl<B> Classified for HttpResponse<B> {
    fn label(&self) -> &'static str {
        status::label(self.status().as_u16())
    }

    fn class(&self) -> ErrorClass {
        ErrorClass::of_http(self.status().as_u16())
    }
}
