//! One annotated call, from its first clock read to its last.

use crate::clock;
use crate::facade;
use crate::facade::spans::Parent;
use crate::model::fault::{Fault, Verdict};
use crate::model::outcome::Outcome;
use crate::model::series::Series;
use crate::model::site::{Site, flag, listen};
use crate::store;
use crate::tap::{self, Change};
use crate::trace::context::{self, Current};
use crate::trace::fields;
use crate::trace::ids;
use crate::trace::record::{self, Origin, SpanEnd, SpanStart};
use tracing::{Span, Value};

/// A call that may be measured. Made by [`Site::enter`], ended by one of the `run` functions.
#[must_use = "a call that is not run is not measured"]
pub struct Call {
    pub(super) site: &'static Site,
    /// Who listens to it; zero: nobody, or it has ended.
    pub(super) listen: u32,
    /// It has run, if only for one poll.
    pub(super) begun: bool,
    start: u64,
    pub(super) span: SpanState,
    /// What few calls have.
    pub(super) extra: Option<Box<Extra>>,
}

/// The call's span.
pub(super) enum SpanState {
    None,
    /// Ours.
    Own(OwnSpan),
    /// The application's.
    Facade(Span),
}

#[derive(Clone, Copy)]
pub(super) struct OwnSpan {
    trace: [u64; 2],
    id: u64,
    parent: u64,
    sampled: bool,
    tapped: bool,
}

/// What few calls have.
#[derive(Default)]
pub(super) struct Extra {
    /// A histogram of the catalog that gets the duration as well.
    metric: Option<&'static Series>,
    /// The scope of a request whose outermost call waits for its next poll.
    pub(super) scope: Option<std::sync::Arc<crate::model::scope::Scope>>,
}

/// Takes what a call records when it begins.
pub struct Recorder<'a> {
    call: &'a mut Call,
    parent: Parent,
    opened: bool,
}

/// For calls that record nothing.
#[inline(always)]
pub fn no_fields(_: &mut Recorder<'_>) {}

/// For calls that return nothing that could be an error.
#[inline(always)]
pub fn ok<'a, T: ?Sized>(_: &'a T) -> Verdict<'a> {
    Verdict::Ok
}

impl Site {
    /// Begins a call. Where nobody listens, this costs a load and a branch, and `fields` is not called.
    #[inline(always)]
    pub fn enter(&'static self, fields: impl FnOnce(&mut Recorder<'_>)) -> Call {
        let state = self.state.load(std::sync::atomic::Ordering::Relaxed);
        if state & !listen::FACADE_METRICS == 0 && (state == 0 || !facade::metrics::is_present()) {
            return Call::off(self);
        }
        let mut call = Call::off(self);
        call.listen_to(state);
        if call.listen != 0 {
            let mut recorder = Recorder {
                call: &mut call,
                parent: Parent::Current,
                opened: false,
            };
            fields(&mut recorder);
            recorder.open(&[]);
            call.start = clock::now();
        }
        call
    }
}

impl Call {
    #[inline(always)]
    pub(super) fn off(site: &'static Site) -> Self {
        Self {
            site,
            listen: 0,
            begun: false,
            start: 0,
            span: SpanState::None,
            extra: None,
        }
    }

    /// Sorts out who really listens here and now.
    #[inline(always)]
    fn listen_to(&mut self, state: u32) {
        self.listen = if state & (listen::NEW | listen::TEST | listen::FACADE_METRICS) == 0 {
            state
        } else {
            self.look_around(state)
        };
    }

    #[cold]
    #[inline(never)]
    fn look_around(&self, mut state: u32) -> u32 {
        if state & listen::NEW != 0 {
            state = crate::mode::decide(self.site);
        }
        // A test takes everything of its thread, and nobody else gets any of it.
        if state & listen::TEST != 0 {
            if context::tap().is_some() {
                return listen::TEST;
            }
            state &= !listen::TEST;
        }
        if state & listen::FACADE_METRICS != 0 && !facade::metrics::is_present() {
            state &= !listen::FACADE_METRICS;
        }
        state
    }

    /// Makes this the innermost call of the thread; returns what was before.
    #[inline(always)]
    pub(super) fn push(&mut self) -> Current {
        self.begun = true;
        match &self.span {
            SpanState::None => context::push(self.site),
            SpanState::Own(own) => {
                context::push_span(self.site, own.trace, own.id, own.sampled, own.tapped)
            }
            SpanState::Facade(span) => {
                facade::spans::enter(span);
                context::push(self.site)
            }
        }
    }

    /// Takes it away again.
    #[inline(always)]
    pub(super) fn pop(&mut self, before: Current) {
        if let SpanState::Facade(span) = &self.span {
            facade::spans::exit(span);
        }
        if before.depth == 0 && context::is_scoped() {
            self.keep_scope();
        }
        context::restore(before);
    }

    /// The outermost call of a request takes the request's scope with it.
    #[cold]
    fn keep_scope(&mut self) {
        let scope = context::swap_scope(None);
        self.extra.get_or_insert_default().scope = scope;
    }

    /// And brings it back at the next poll.
    #[inline(always)]
    pub(super) fn bring_scope(&mut self) {
        if let Some(extra) = &mut self.extra
            && let Some(scope) = extra.scope.take()
        {
            context::swap_scope(Some(scope));
        }
    }

    /// Ends the call, while it is still the innermost one.
    #[inline(always)]
    pub(super) fn end(&mut self, verdict: Verdict<'_>, outcome: Outcome) {
        let end = clock::now();
        let listen = std::mem::take(&mut self.listen);
        if listen & listen::METRICS != 0 && self.site.has(flag::TRACED) {
            let series = store::series::duration(self.site, outcome);
            store::record_finite(series, clock::seconds(self.start, end));
        }
        if let (listen::METRICS, Verdict::Ok, None) = (listen, verdict, &self.extra)
            && self.site.spec.slow_nanos == 0
            && !self.site.has(flag::IN_FLIGHT)
            && outcome == Outcome::Ok
        {
            return;
        }
        self.end_rest(listen, &verdict, outcome, end);
    }

    #[inline]
    fn end_rest(&mut self, listen: u32, verdict: &Verdict<'_>, outcome: Outcome, end: u64) {
        let fault = match verdict {
            Verdict::Error(fault) => Some(fault),
            Verdict::Ok => None,
        };
        if let SpanState::Own(own) = &self.span {
            own.close(self.site, listen, self.start, end, outcome, fault);
        }
        if let (listen::METRICS.., None, None) = (listen, fault, &self.extra)
            && listen & !(listen::METRICS | listen::SPANS) == 0
            && self.site.spec.slow_nanos == 0
            && !self.site.has(flag::IN_FLIGHT)
        {
            return;
        }
        self.end_rare(listen, fault, outcome, end);
    }

    #[cold]
    #[inline(never)]
    fn end_rare(&mut self, listen: u32, fault: Option<&Fault<'_>>, outcome: Outcome, end: u64) {
        let seconds = clock::seconds(self.start, end);
        let site = self.site;
        let change = |series, by| apply(listen, series, by);
        if site.has(flag::TRACED) {
            if listen & listen::METRICS == 0 {
                change(
                    store::series::duration(site, outcome),
                    Change::Record(seconds),
                );
            }
            if let Some(fault) = fault {
                change(store::series::errors(site, fault.label), Change::Add(1));
            } else if outcome == Outcome::Panicked {
                change(store::series::errors(site, "panic"), Change::Add(1));
            }
        }
        if site.has(flag::IN_FLIGHT) {
            change(store::series::in_flight(site), Change::Add(u64::MAX));
        }
        if let Some(metric) = self.extra.as_ref().and_then(|extra| extra.metric) {
            change(metric, Change::Record(seconds));
        }
        let limit = site.spec.slow_nanos as f64 * 1e-9;
        if limit > 0.0 && seconds > limit {
            change(store::series::slow(site), Change::Add(1));
            crate::report::slow(site, seconds, limit);
        }
        match fault {
            Some(fault) => crate::report::returned(site, fault),
            None => context::set_just_reported(false),
        }
        if let SpanState::Facade(_) = &self.span {
            self.span = SpanState::None;
        }
    }

    /// Ends a call whose future was dropped.
    pub(super) fn end_dropped(&mut self) {
        let outcome = if std::thread::panicking() {
            Outcome::Panicked
        } else {
            Outcome::Cancelled
        };
        self.end(Verdict::Ok, outcome);
    }

    /// A call that never ran leaves nothing behind.
    pub(super) fn discard(&mut self) {
        let listen = std::mem::take(&mut self.listen);
        if self.site.has(flag::IN_FLIGHT) && listen != 0 {
            apply(
                listen,
                store::series::in_flight(self.site),
                Change::Add(u64::MAX),
            );
        }
        if let SpanState::Own(own) = &self.span {
            own.void(self.site, listen, self.start);
        }
    }
}

/// Applies a change of a metric for whoever listens to the call.
pub(super) fn apply(listen: u32, series: &'static Series, change: Change) {
    if listen & listen::TEST != 0 {
        if let Some(tap) = tap::listening() {
            tap.metric(series, change);
        }
    } else if listen & listen::METRICS != 0 {
        crate::handle::keep(series, change);
    } else if listen & listen::FACADE_METRICS != 0 {
        facade::metrics::apply(series, change);
    }
}

impl OwnSpan {
    /// A span under the innermost call, in a trace of its own where there is none.
    #[inline(always)]
    fn open(tapped: bool, root: bool) -> Self {
        let current = context::current();
        if root || current.trace == [0; 2] || current.tapped != tapped {
            let trace = ids::trace();
            return Self {
                trace: context::split(trace),
                id: ids::span(),
                parent: 0,
                sampled: tapped || ids::is_sampled(trace),
                tapped,
            };
        }
        Self {
            trace: current.trace,
            id: ids::span(),
            parent: current.span,
            sampled: current.sampled,
            tapped,
        }
    }

    fn under(parent: u64, trace: [u64; 2], tapped: bool) -> Self {
        Self {
            trace,
            id: ids::span(),
            parent,
            sampled: tapped || ids::is_sampled(context::join(trace)),
            tapped,
        }
    }

    fn start(&self, site: &'static Site) -> SpanStart {
        SpanStart {
            origin: Origin::Site(site),
            trace: self.trace,
            span: self.id,
            parent: self.parent,
            start: clock::now(),
            later: false,
        }
    }

    /// Hands the fields over.
    fn record(&self, site: &'static Site, values: &[Option<&dyn Value>]) {
        let names = site.metadata().fields();
        fields::encode(names, values, |bytes| {
            if !self.tapped {
                record::start(self.start(site), bytes);
            } else if let Some(tap) = tap::listening() {
                let fields = fields::Fields::new(names, bytes.to_vec());
                tap.start(self.start(site), fields);
            }
        });
    }

    #[inline(always)]
    fn close(
        &self,
        site: &'static Site,
        listen: u32,
        start: u64,
        end: u64,
        outcome: Outcome,
        fault: Option<&Fault<'_>>,
    ) {
        if !self.sampled {
            return;
        }
        let error = match (fault, outcome) {
            (Some(fault), _) => fault.label,
            (None, Outcome::Panicked) => "panic",
            _ => "",
        };
        self.hand_over(
            listen,
            SpanEnd {
                origin: Origin::Site(site),
                trace: self.trace,
                span: self.id,
                parent: self.parent,
                start,
                end,
                outcome,
                error,
                void: false,
            },
        );
    }

    fn void(&self, site: &'static Site, listen: u32, start: u64) {
        self.hand_over(
            listen,
            SpanEnd {
                origin: Origin::Site(site),
                trace: self.trace,
                span: self.id,
                parent: self.parent,
                start,
                end: start,
                outcome: Outcome::Cancelled,
                error: "",
                void: true,
            },
        );
    }

    #[inline(always)]
    fn hand_over(&self, listen: u32, end: SpanEnd) {
        if listen & listen::TEST == 0 {
            record::end(end);
        } else if let Some(tap) = tap::listening() {
            tap.end(end);
        }
    }
}

impl Recorder<'_> {
    /// The values of the declared fields, in order; `None`: recorded later.
    pub fn fields(&mut self, values: &[Option<&dyn Value>]) {
        self.open(values);
    }

    /// The call's parent, in place of the current span.
    pub fn parent(&mut self, parent: impl Into<Option<tracing::span::Id>>) {
        self.parent = Parent::Of(parent.into());
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
        if let SpanState::Facade(span) = &self.call.span {
            for other in spans {
                span.follows_from(other);
            }
        }
    }

    /// A histogram of the catalog gets the duration as well.
    pub fn metric(&mut self, metric: crate::Histogram<crate::unit::Seconds>) {
        self.call.extra.get_or_insert_default().metric = Some(metric.series());
    }

    /// Opens the span, once.
    #[inline(always)]
    fn open(&mut self, values: &[Option<&dyn Value>]) {
        if std::mem::replace(&mut self.opened, true) {
            return;
        }
        let listen = self.call.listen;
        if listen & (listen::SPANS | listen::TEST) != 0 {
            self.open_own(values);
        } else if listen & listen::FACADE_SPAN != 0 && self.call.site.has(flag::TRACED) {
            self.call.span =
                SpanState::Facade(facade::spans::open(self.call.site, values, &self.parent));
        }
        if self.call.site.has(flag::IN_FLIGHT) {
            apply(
                listen,
                store::series::in_flight(self.call.site),
                Change::Add(1),
            );
        }
    }

    #[inline(always)]
    fn open_own(&mut self, values: &[Option<&dyn Value>]) {
        if !self.call.site.has(flag::TRACED) {
            return;
        }
        let tapped = self.call.listen & listen::TEST != 0;
        let own = match &self.parent {
            Parent::Current => OwnSpan::open(tapped, false),
            Parent::Root => OwnSpan::open(tapped, true),
            Parent::Of(id) => self.under(id.as_ref(), tapped),
        };
        if own.sampled && (tapped || !values.is_empty()) {
            own.record(self.call.site, values);
        }
        self.call.span = SpanState::Own(own);
    }

    fn under(&self, id: Option<&tracing::span::Id>, tapped: bool) -> OwnSpan {
        let known = id.and_then(|id| crate::subscriber::trace_of(id.into_u64()));
        match (id, known) {
            (Some(id), Some(trace)) => OwnSpan::under(id.into_u64(), trace, tapped),
            _ => OwnSpan::open(tapped, id.is_none()),
        }
    }
}
