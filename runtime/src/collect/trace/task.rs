//! Propagation of the context to other tasks and threads.

use crate::collect::capture::{self, Tap};
use crate::collect::trace::frame::FrameData;
use crate::collect::trace::thread_state::Request;
use crate::collect::trace::{context, scope};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tracing::Span;

/// The context of a call, to be installed on another thread.
pub(crate) struct Carried {
    frames: Vec<FrameData>,
    request: Request,
    tap: Option<Arc<dyn Tap>>,
    span: Span,
}

impl Carried {
    /// Captures the context of the current call.
    fn here() -> Self {
        Self {
            frames: context::frames(),
            request: scope::of_request(Request::clone).unwrap_or_default(),
            tap: capture::tap(),
            // If the application has its own subscriber, its current span is propagated as well.
            span: if crate::collect::dispatch::has_pipeline() || capture::tap().is_some() {
                Span::none()
            } else {
                Span::current()
            },
        }
    }

    /// Creates a new context outside any call.
    fn fresh() -> Self {
        Self {
            frames: vec![FrameData::EMPTY],
            request: Request::default(),
            tap: capture::tap(),
            span: Span::none(),
        }
    }

    /// Creates a context outside any call that is captured by a test.
    pub(crate) fn tapped(tap: Arc<dyn Tap>) -> Self {
        Self {
            frames: Vec::new(),
            request: Request::default(),
            tap: Some(tap),
            span: Span::none(),
        }
    }

    /// Runs `body` in this context.
    pub(crate) fn run<R>(&mut self, body: impl FnOnce() -> R) -> R {
        let _back = Carrying::put(self);
        body()
    }
}

/// Restores the thread's previous context when dropped, and stores the request's changed state back into the carried one.
struct Carrying<'a> {
    carried: &'a mut Carried,
    request: Request,
    tap: Option<Arc<dyn Tap>>,
    _dispatch: Option<tracing::dispatcher::DefaultGuard>,
}

impl<'a> Carrying<'a> {
    fn put(carried: &'a mut Carried) -> Self {
        let dispatch = carried.tap.as_ref();
        let dispatch = dispatch.map(|tap| tracing::dispatcher::set_default(tap.dispatch()));
        crate::collect::facade::spans::enter(&carried.span);
        context::set_just_reported(false);
        for frame in &carried.frames {
            context::push(*frame);
        }
        Self {
            request: scope::swap_request(std::mem::take(&mut carried.request)),
            tap: capture::swap_tap(carried.tap.clone()),
            carried,
            _dispatch: dispatch,
        }
    }
}

impl Drop for Carrying<'_> {
    fn drop(&mut self) {
        capture::swap_tap(self.tap.take());
        self.carried.request = scope::swap_request(std::mem::take(&mut self.request));
        for _ in &self.carried.frames {
            context::pop();
        }
        crate::collect::facade::spans::exit(&self.carried.span);
    }
}

pin_project_lite::pin_project! {
    /// A future that runs in the context of the call in which it was created. See [`InCurrentCall`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Carries<F> {
        carried: Carried,
        #[pin]
        future: Option<F>,
    }

    // An unfinished future is dropped in its context, so that calls within it end there.
    impl<F> PinnedDrop for Carries<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                this.carried.run(|| this.future.set(None));
            }
        }
    }
}

impl<F> Carries<F> {
    pub(crate) fn new(carried: Carried, future: F) -> Self {
        Self {
            carried,
            future: Some(future),
        }
    }
}

impl<F: Future> Future for Carries<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut future = this.future;
        this.carried.run(|| {
            let Some(running) = future.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            let polled = running.poll(cx);
            if polled.is_ready() {
                future.set(None);
            }
            polled
        })
    }
}

impl<F> std::fmt::Debug for Carries<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Carries").finish_non_exhaustive()
    }
}

/// Extends futures to run in the context of the current call when they are spawned as another task.
///
/// ```
/// use instrumental::InCurrentCall;
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// tokio::spawn(async { /* a child of the running call */ }.in_current_call());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait InCurrentCall: Future + Sized {
    /// Wraps the future so that it runs as part of the current call, with its user, tags and breadcrumbs.
    fn in_current_call(self) -> Carries<Self> {
        Carries::new(Carried::here(), self)
    }
}

impl<F: Future> InCurrentCall for F {}

/// Wraps a closure so that it runs as part of the current call when another thread calls it.
///
/// ```
/// let work = instrumental::in_current_call(|| 6 * 7);
/// assert_eq!(std::thread::spawn(work).join().unwrap(), 42);
/// ```
pub fn in_current_call<R>(body: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let mut carried = Carried::here();
    move || carried.run(body)
}

/// Wraps a future so that it has its own user, tags and breadcrumbs, for a task that is not an annotated call.
///
/// ```
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(
/// instrumental::scope(async {
///     instrumental::set_tag("job", "nightly");
/// })
/// # );
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn scope<F: Future>(future: F) -> Carries<F> {
    Carries::new(Carried::fresh(), future)
}
