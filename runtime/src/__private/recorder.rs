//! What a call records when it begins, and how it comes onto the stack with that.

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

/// Takes what a call records when it begins.
///
/// The values come from expressions of the user's, which may panic, return, or call annotated functions: the call is put
/// on the stack when they have been evaluated.
#[derive(Debug)]
pub struct Recorder<'a> {
    site: &'static Site,
    /// Who listens.
    listen: u32,
    parent: Parent,
    metric: Option<&'static Series>,
    /// The call is on the stack.
    opened: bool,
    /// Its span in the application's subscriber is kept (`thread_state`), and entered when all is recorded.
    has_span: bool,
    _call: std::marker::PhantomData<&'a ()>,
}

impl Site {
    /// What records the beginning of a call.
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

    /// Whether somebody listens.
    #[inline(always)]
    #[must_use]
    pub const fn is_heard(&self) -> bool {
        self.listen != 0
    }

    /// The values of the declared fields, in order; `None`: recorded later.
    #[inline(never)]
    pub fn fields(&mut self, values: &[Option<&dyn Value>]) {
        self.open(values);
    }

    /// The call's parent, in place of the current span.
    pub fn parent(&mut self, parent: impl Into<Option<tracing::span::Id>>) {
        self.parent = Parent::Of(parent.into());
    }

    /// The call's parent, in another process.
    pub(crate) fn remote(&mut self, parent: Remote) {
        self.parent = Parent::Remote(parent);
    }

    /// The call has no parent.
    pub fn root(&mut self) {
        self.parent = Parent::Root;
    }

    /// The span follows from these.
    pub fn follows_from<I>(&mut self, spans: I)
    where
        I: IntoIterator,
        I::Item: Into<Option<tracing::span::Id>>,
    {
        self.open(&[]);
        if self.has_span {
            // What the iterator runs may have spans of its own: ours is put back above.
            let causes: Vec<Option<tracing::span::Id>> =
                spans.into_iter().map(Into::into).collect();
            let span = thread_state::pop_span();
            for cause in causes {
                span.follows_from(cause);
            }
            self.has_span = thread_state::push_span(span).is_none();
        }
    }

    /// A histogram of the catalog gets the duration as well.
    pub fn metric(&mut self, metric: crate::Histogram<crate::unit::Seconds>) {
        self.metric = Some(metric.series());
    }

    /// The call's time runs from here; its span is open by now.
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

    /// Puts the call on top of the stack and opens its span, once.
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
            call::hand_over(self.site, ids, tapped, values);
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
    /// What is evaluated after the call was put on the stack unwinds: its call ends, and has lasted no time.
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
