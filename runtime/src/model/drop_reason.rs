//! Why something was dropped.

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// Why something was dropped.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DropReason { $($(#[$doc])* $name),* }

        impl DropReason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As a label value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

reasons! {
    /// A label value over the cap of its label; it was counted in the series `other`.
    LabelOverflow "label_overflow";
    /// A series over the limit of its metric; it was counted in the overflow series.
    SeriesOverflow "series_overflow";
    /// A span record for which the queue had no room.
    SpanQueueFull "span_queue_full";
    /// A log, event or report for which the queue had no room.
    RecordQueueFull "record_queue_full";
    /// A repeated error within its window: counted, not reported.
    ReportThrottled "report_throttled";
    /// A tag over the limit of a request.
    TagLimit "tag_limit";
    /// A user, tag or breadcrumb set outside any annotated call, where it would leak to strangers.
    NoScope "no_scope";
    /// A value that is not a finite number.
    NotFinite "not_finite";
    /// A field whose formatting panicked or failed; the rest of its record was kept.
    FieldPanicked "field_panicked";
    /// What a backend was given when it panicked.
    BackendPanicked "backend_panicked";
    /// What a processor dropped on purpose.
    ProcessorDropped "processor_dropped";
    /// What a processor was given when it panicked: it may hold what the processor would have removed.
    ProcessorPanicked "processor_panicked";
    /// A log line or tree that the console did not take: a closed pipe, a full disk.
    ConsoleFailed "console_failed";
    /// A span of a trace whose end was not seen; its tree was not shown.
    TraceUnfinished "trace_unfinished";
    /// Headers of a trace context that are malformed; a new trace was begun.
    PropagationInvalid "propagation_invalid";
    /// A series whose name or labels another one has in Prometheus; the first was shown. Counted at every scrape.
    NameCollision "name_collision";
    /// A report or event that a hook made, on a thread of telemetry's own: it would come to the hook again.
    OwnThread "own_thread";
    /// A call or a number from inside telemetry itself: an annotated allocator, subscriber or recorder.
    Reentrant "reentrant";
    /// A report of a process without `init()`, a subscriber or a test to receive it.
    NobodyListens "nobody_listens";
}
