//! What axum's extractors refuse, by what it is answered with.

use crate::model::fault::{Classified, ErrorClass};
use crate::model::status;
use ::axum::extract::rejection as refused;

macro_rules! refused {
    ($($ty:ident)*) => {$(
        impl Classified for refused::$ty {
            fn label(&self) -> &'static str {
                status::label(self.status().as_u16())
            }

            fn class(&self) -> ErrorClass {
                ErrorClass::of_http(self.status().as_u16())
            }
        }
    )*};
}

refused!(BytesRejection ExtensionRejection JsonRejection MatchedPathRejection PathRejection RawPathParamsRejection StringRejection);
