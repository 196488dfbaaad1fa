//! When and where something happened: the same for reports, log records and events.

use crate::model::record::{EventRecord, LogRecord, Report};
use std::time::SystemTime;

macro_rules! placed {
    ($($item:ident),*) => {$(
        impl $item {
            /// Returns when it happened.
            #[must_use]
            pub fn time(&self) -> SystemTime {
                self.time
            }

            /// Returns the id of the trace it happened in.
            #[must_use]
            pub fn trace_id(&self) -> Option<u128> {
                (self.place.trace != 0).then_some(self.place.trace)
            }

            /// Returns the id of the span it happened in.
            #[must_use]
            pub fn span_id(&self) -> Option<u64> {
                (self.place.span != 0).then_some(self.place.span)
            }
        }
    )*};
}

placed!(Report, LogRecord, EventRecord);
