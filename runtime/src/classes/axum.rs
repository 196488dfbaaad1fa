//! Rejections of axum's extractors, classified by the status of their responses.

use crate::model::fault::{Classified, ErrorClass};
use crate::model::status;
use ::axum::extract::rejection;

macro_rules! by_status {
    ($($ty:ident)*) => {$(
        impl Classified for rejection::$ty {
            fn label(&self) -> &'static str {
                status::label(self.status().as_u16())
            }

            fn class(&self) -> ErrorClass {
                ErrorClass::of_http(self.status().as_u16())
            }
        }
    )*};
}

by_status!(BytesRejection ExtensionRejection JsonRejection MatchedPathRejection PathRejection RawPathParamsRejection StringRejection);
