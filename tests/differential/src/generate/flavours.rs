//! Kinds of functions.

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

/// Every kind, the frequent ones several times.
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
    /// Whether the body can await.
    pub(super) const fn awaits(self) -> bool {
        matches!(
            self,
            Self::Async | Self::Future | Self::FutureSend | Self::Boxed
        )
    }
    /// Whether the function returns a stream.
    pub(super) const fn is_stream(self) -> bool {
        matches!(
            self,
            Self::Stream | Self::BoxedStream | Self::InferredStream
        )
    }
    /// Whether the type names the lifetime of its borrows.
    pub(super) const fn is_boxed(self) -> bool {
        matches!(self, Self::Boxed | Self::BoxedStream)
    }
    /// The text before and after the body.
    pub(super) const fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Future | Self::FutureSend => ("async move {", "}"),
            Self::Boxed => ("Box::pin(async move {", "})"),
            _ => ("", ""),
        }
    }
    /// The function's return type; `life` is the lifetime bound of a boxed one.
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
