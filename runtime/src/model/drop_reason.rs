//! Reasons for dropping telemetry.

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// Why telemetry was dropped before it reached a backend. Counts by reason: [`lost`](crate::lost()).
        ///
        /// ```
        /// use instrumental::LostReason;
        /// assert_eq!(LostReason::ReportThrottled.as_str(), "report_throttled");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DropReason { $($(#[$doc])* $name),* }

        impl DropReason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Returns the value of the `reason` label.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

reasons! {
    /// A label value beyond the cap of its label; the measurement was counted in the series `other`.
    LabelOverflow "label_overflow";
    /// A series beyond the limit of its metric; the measurement was counted in the overflow series.
    SeriesOverflow "series_overflow";
    /// A span record that did not fit in the queue.
    SpanQueueFull "span_queue_full";
    /// A log, event or report that did not fit in the queue.
    RecordQueueFull "record_queue_full";
    /// A repeated error within its throttling window, which was counted but not reported.
    ReportThrottled "report_throttled";
    /// A tag beyond the limit of a request.
    TagLimit "tag_limit";
    /// A user, tag or breadcrumb set outside any annotated call, where it would leak into other requests.
    NoScope "no_scope";
    /// A value that is not a finite number.
    NotFinite "not_finite";
    /// A field whose formatting panicked or failed; the rest of the record was kept.
    FieldPanicked "field_panicked";
    /// An item whose backend panicked while processing it.
    BackendPanicked "backend_panicked";
    /// An item that a processor dropped on purpose.
    ProcessorDropped "processor_dropped";
    /// An item whose processor panicked. It may contain data that the processor would have removed, so it is not exported.
    ProcessorPanicked "processor_panicked";
    /// A log line or trace tree that could not be written to the console: a closed pipe, a full disk.
    ConsoleFailed "console_failed";
    /// A span of a trace that did not finish in time; its tree was not printed.
    TraceUnfinished "trace_unfinished";
    /// Malformed trace context headers; a new trace was started.
    PropagationInvalid "propagation_invalid";
    /// A series whose name and labels collide with another series in Prometheus; only the first was exported. Counted at every
    /// scrape.
    NameCollision "name_collision";
    /// A report or event emitted by a hook on one of the library's own threads, which would invoke the hook again.
    OwnThread "own_thread";
    /// A call or measurement made while the library itself was running on the thread: by an annotated allocator, subscriber or
    /// recorder.
    Reentrant "reentrant";
    /// A report in a process without `init()`, a subscriber or a capturing test to receive it.
    NoReceiver "no_receiver";
}
