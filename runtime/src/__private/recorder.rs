//! Recording of fields when a call begins.

use super::call::{self, Call};
use super::end;
use crate::base::clock;
use crate::collect::facade::spans::{Parent, Remote};
use crate::collect::trace::{context, frame, thread_state};
use crate::collect::{facade, store};
use crate::model::change::Change;
use crate::model::site::{Series, Site};
use crate::model::spec::{flag, listen};
use tracing::Value;

/// Records the fields of a call when it begins, and then starts the call.
///
/// The values come from the user's expressions, which may panic, return, or call annotated functions. So the call is pushed
/// on the stack only after they have been evaluated.
#[derive(Debug)]
pub struct Recorder<'a> {
    site: &'static Site,
    /// The receivers: bits of `listen`.
    listen: u32,
    parent: Parent,
    metric: Option<&'static Series>,
    /// Whether the call is on the stack.
    opened: bool,
    /// Whether its span in the application's subscriber is in `thread_state`. It is entered when everything is recorded.
    has_span: bool,
    _call: std::marker::PhantomData<&'a ()>,
}

impl Site {
    /// Returns the recorder of a new call.
    #[inline(always)]
    pub fn recorder(&'static self) -> Recorder<'static> {
        Recorder::new(self, self.listening())
    }
}

impl Recorder<'_> {
    #[inline(always)]
    pub(super) const fn new(site: &'static Site, listen: u32) -> Self {
        Self {
            site,
            listen,
            parent: Parent::Current,
            metric: None,
            opened: false,
            has_span: false,
            _call: std::marker::PhantomData,
        }
    }

    /// Returns whether the call has a receiver.
    #[inline(always)]
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.listen != 0
    }

    /// Records the values of the declared fields, in order. `None` means that the field is recorded later.
    #[inline(never)]
    pub fn fields(&mut self, values: &[Option<&dyn Value>]) {
        self.open(values);
    }

    /// Sets the parent, in place of the current span.
    pub fn parent(&mut self, parent: impl Into<Option<tracing::span::Id>>) {
        self.parent = Parent::Of(parent.into());
    }

    /// Sets a parent in another process.
    pub(crate) fn remote(&mut self, parent: Remote) {
        self.parent = Parent::Remote(parent);
    }

    /// Makes the call a root, without a parent.
    pub fn root(&mut self) {
        self.parent = Parent::Root;
    }

    /// Adds follows-from relationships to these spans.
    pub fn follows_from<I>(&mut self, spans: I)
    where
        I: IntoIterator,
        I::Item: Into<Option<tracing::span::Id>>,
    {
        self.open(&[]);
        if self.has_span {
            // The iterator may run user code that pushes and pops spans, so it is consumed before ours is popped.
            let causes: Vec<Option<tracing::span::Id>> =
                spans.into_iter().map(Into::into).collect();
            let span = thread_state::pop_span();
            for cause in causes {
                span.follows_from(cause);
            }
            self.has_span = thread_state::push_span(span).is_none();
        }
    }

    /// Sets a histogram of the catalog that records the duration as well.
    pub fn metric(&mut self, metric: crate::Histogram<crate::unit::Seconds>) {
        self.metric = Some(metric.series());
    }

    /// Starts the call. Its duration is measured from here, after its span has been opened.
    #[inline(never)]
    pub fn start(&mut self) -> Call {
        if !self.opened {
            self.open(&[]);
        }
        if std::mem::take(&mut self.has_span) {
            enter_span();
        }
        set_start();
        self.opened = false;
        Call::new(self.listen)
    }

    /// Pushes the call on the stack and opens its span, the first time it is called.
    fn open(&mut self, values: &[Option<&dyn Value>]) {
        if std::mem::replace(&mut self.opened, true) {
            return;
        }
        let (site, listen) = (self.site, self.listen);
        context::with(|stack| {
            let frame = call::push(stack, site, listen);
            if let Some(metric) = self.metric {
                frame.metric.set(Some(metric));
                frame.listen.set(listen | listen::RARE);
            }
        });
        if site.has(flag::IN_FLIGHT) {
            end::apply(listen, store::series::in_flight(site), Change::Add(1));
        }
        if !site.has(flag::TRACED) {
            return;
        }
        if listen & (listen::SPANS | listen::TEST) != 0 {
            self.open_own(listen & listen::TEST != 0, values);
        } else if listen & listen::FACADE_SPAN != 0 {
            let span = facade::spans::open(site, values, &self.parent);
            self.has_span = thread_state::push_span(span).is_none();
        }
    }

    fn open_own(&mut self, tapped: bool, values: &[Option<&dyn Value>]) {
        let opened = context::with(|stack| {
            let frame = stack.top()?;
            call::open_own(stack, frame, tapped, &self.parent);
            let recorded = frame.flags.get() & frame::RECORDED != 0;
            recorded.then(|| frame.ids())
        });
        if let Some(ids) = opened
            && (tapped || !values.is_empty())
        {
            call::record_start(self.site, ids, tapped, values);
        }
    }
}

impl Recorder<'_> {
    #[cold]
    fn unwound(&mut self) {
        if std::mem::take(&mut self.has_span) {
            drop(thread_state::pop_span());
        }
        set_start();
        drop(Call::new(self.listen));
    }
}

impl Drop for Recorder<'_> {
    /// Ends the call if an expression unwinds after the call was pushed on the stack. Its duration is zero.
    #[inline(always)]
    fn drop(&mut self) {
        if self.opened {
            self.unwound();
        }
    }
}

/// Enters the application's span of the call on top of the stack.
#[cold]
#[inline(never)]
fn enter_span() {
    let span = thread_state::pop_span();
    facade::spans::enter(&span);
    match thread_state::push_span(span) {
        None => set_flag(frame::FACADE),
        Some(span) => facade::spans::exit(&span),
    }
}

fn set_start() {
    context::with(|stack| {
        if let Some(frame) = stack.top() {
            frame.start.set(clock::now());
        }
    });
}

fn set_flag(bit: u32) {
    context::with(|stack| {
        if let Some(top) = stack.top() {
            top.flags.set(top.flags.get() | bit);
        }
    });
}
