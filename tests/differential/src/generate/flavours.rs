//! How functions run.

/// When the body runs, and what wraps its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    Sync,
    TrackCaller,
    Async,
    Future,
    FutureSend,
    Boxed,
    Stream,
    BoxedStream,
    /// A stream whose type is inferred from the function's.
    InferredStream,
}

/// Every way to run.
pub(super) const FLAVOURS: &[Flavour] = &[
    Flavour::Sync,
    Flavour::Sync,
    Flavour::Sync,
    Flavour::TrackCaller,
    Flavour::Async,
    Flavour::Async,
    Flavour::Future,
    Flavour::FutureSend,
    Flavour::Boxed,
    Flavour::Stream,
    Flavour::BoxedStream,
    Flavour::InferredStream,
];

impl Flavour {
    /// Whether the body can wait.
    pub(super) const fn awaits(self) -> bool {
        matches!(
            self,
            Self::Async | Self::Future | Self::FutureSend | Self::Boxed
        )
    }
    /// Whether it gives items.
    pub(super) const fn is_stream(self) -> bool {
        matches!(
            self,
            Self::Stream | Self::BoxedStream | Self::InferredStream
        )
    }
    /// Whether the type names the lifetime of what it holds.
    pub(super) const fn is_boxed(self) -> bool {
        matches!(self, Self::Boxed | Self::BoxedStream)
    }
    /// What stands before the body, in it and after it.
    pub(super) const fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Future | Self::FutureSend => ("async move {", "}"),
            Self::Boxed => ("Box::pin(async move {", "})"),
            _ => ("", ""),
        }
    }
    /// The function's type; `life` is what a boxed one holds.
    pub(super) fn ty(self, ty: &str, life: &str) -> String {
        let value = if ty.is_empty() { "()" } else { ty };
        match self {
            Self::Sync | Self::TrackCaller | Self::Async if ty.is_empty() => String::new(),
            Self::Sync | Self::TrackCaller | Self::Async => format!(" -> {ty}"),
            Self::Future => format!(" -> impl Future<Output = {value}>"),
            Self::FutureSend => format!(" -> impl Future<Output = {value}> + Send"),
            Self::Boxed => format!(" -> Pin<Box<dyn Future<Output = {value}>{life}>>"),
            Self::Stream | Self::InferredStream => format!(" -> impl Stream<Item = {value}>"),
            Self::BoxedStream => format!(" -> Pin<Box<dyn Stream<Item = {value}>{life}>>"),
        }
    }
}
