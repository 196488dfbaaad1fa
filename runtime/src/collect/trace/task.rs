//! Carrying the context into other tasks and threads.

use crate::collect::capture::{self, Tap};
use crate::collect::trace::frame::FrameData;
use crate::collect::trace::thread_state::Request;
use crate::collect::trace::{context, scope};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tracing::Span;

/// The context of a call, to be put on another thread.
pub(crate) struct Carried {
    frames: Vec<FrameData>,
    request: Request,
    tap: Option<Arc<dyn Tap>>,
    span: Span,
}

impl Carried {
    fn here() -> Self {
        Self {
            frames: context::frames(),
            request: scope::of_request(Request::clone).unwrap_or_default(),
            tap: capture::tap(),
            // Where the application has a subscriber of its own, its current span goes along.
            span: if crate::collect::dispatch::has_pipeline() || capture::tap().is_some() {
                Span::none()
            } else {
                Span::current()
            },
        }
    }

    /// A context of its own, outside any call.
    fn fresh() -> Self {
        Self {
            frames: vec![FrameData::EMPTY],
            request: Request::default(),
            tap: capture::tap(),
            span: Span::none(),
        }
    }

    /// A test's, outside any call.
    pub(crate) fn tapped(tap: Arc<dyn Tap>) -> Self {
        Self {
            frames: Vec::new(),
            request: Request::default(),
            tap: Some(tap),
            span: Span::none(),
        }
    }

    pub(crate) fn run<R>(&mut self, body: impl FnOnce() -> R) -> R {
        let _back = Carrying::put(self);
        body()
    }
}

/// Puts back what was on the thread, and keeps what the carried task has made of its scope.
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
    /// A future with the context of the call it was made in. See [`InCurrentCall`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Carries<F> {
        carried: Carried,
        #[pin]
        future: Option<F>,
    }

    // What is dropped unfinished ends in the context it ran in.
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

/// Carries the running call, its user, tags and breadcrumbs into another task.
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
    /// The same future, running as a part of the call that runs now.
    fn in_current_call(self) -> Carries<Self> {
        Carries::new(Carried::here(), self)
    }
}

impl<F: Future> InCurrentCall for F {}

/// Carries the running call into another thread: wraps a closure so that it runs as a part of it.
///
/// ```
/// let work = instrumental::in_current_call(|| 6 * 7);
/// assert_eq!(std::thread::spawn(work).join().unwrap(), 42);
/// ```
pub fn in_current_call<R>(body: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let mut carried = Carried::here();
    move || carried.run(body)
}

/// A future with a user, tags and breadcrumbs of its own, for a task that is not an annotated call.
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
