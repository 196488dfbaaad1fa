//! Items that expansions refer to. Not part of the public API.

mod begin;
#[allow(dead_code, reason = "only the http layers use all of it")]
pub(crate) mod call;
mod end;
mod event;
mod macros;
mod on_failure;
#[allow(dead_code, reason = "only the http layers use all of it")]
pub(crate) mod polling;
#[allow(dead_code, reason = "only the http layers use all of it")]
mod recorder;
mod run;
pub mod stream;
#[allow(dead_code, reason = "only the http layers use all of it")]
pub(crate) mod suspended_call;
pub mod tag;
pub mod value;
pub mod verdict;

pub use crate::catalog::assert_checked as check;
pub use crate::collect::registry::{Classifier, Entry};
pub use crate::model::alert::{AlertSpec, Condition, Severity, has_heading};
pub use crate::model::event::{Event, EventRecorder, EventSite, EventSpec};
pub use crate::model::family::{FamilySpec, MetricKind};
pub use crate::model::fault::{Class, Classified, ErrorClass, ErrorKind, VariantLabel, Verdict};
pub use crate::model::label::{Label, LabelSpec};
pub use crate::model::site::{Family, Site, path_of};
pub use crate::model::spec::{Objective, SpanKind, Spec, flag};
pub use crate::model::unit;
pub use crate::{
    __alert as alert, __classifier as classifier, __debug as debug, __display as display,
    __emit_literal as emit_literal, __end as end, __end_unboxed as end_unboxed,
    __err_event as err_event, __event_site as event_site, __family as family,
    __family_spec as family_spec, __label as label, __measure as measure, __record as record,
    __result_event as result_event, __ret_event as ret_event, __ret_ok_event as ret_ok_event,
    __runbook as runbook, __site as site, __submit as submit, __value as value,
    __verdict as verdict, Counter, Gauge, Histogram,
};
pub use call::{Call, ok};
pub use core::clone::Clone;
pub use core::error::Error;
pub use core::option::Option::{self, None, Some};
pub use core::{concat, env, file, include_bytes, line, matches, module_path, stringify};
pub use event::{emit, emit_fields};
pub use inventory;
pub use on_failure::{FailureRecorder, FailureValues, FailureValuesGuard};
pub use recorder::Recorder;
pub use run::{
    Awaited, Failing, Guard, Observed, Slot, any_future_slot, future_slot, run_async,
    run_async_once, run_future, slot,
};
pub use std::panic::AssertUnwindSafe;
pub use stream::{ObservedStream, any_stream_slot, run_stream, stream_slot};
pub use tracing::{self, Level, Value};

/// An argument that is still available after the body, because its type is `Copy`.
#[diagnostic::on_unimplemented(
    message = "`on_failure(..)` reads this argument when the call fails, but the body moves it",
    label = "moved by the body, and `{Self}` is not `Copy`",
    note = "write `on_failure(clone(argument), ..)` to read a clone of it, or `fields(..)` to record it when the call begins"
)]
pub trait StaysAfterTheBody {}
#[diagnostic::do_not_recommend]
impl<T: Copy> StaysAfterTheBody for T {}

/// Requires the bound for an argument's type. Called behind `if false`.
pub fn stays_after_the_body<T: StaysAfterTheBody>(_: &T) {}

/// Never called; gives an async body its type.
#[must_use]
pub fn never<T>() -> T {
    unreachable!("only called behind `if false`")
}

/// Never called; makes a future own a value by mentioning it.
pub fn own<T>(_: T) -> ! {
    unreachable!("only called behind `if false`")
}

/// Returns whether a value is not an error.
#[inline(always)]
#[must_use]
pub const fn is_ok(verdict: &Verdict<'_>) -> bool {
    matches!(verdict, Verdict::Ok)
}

/// Defaults for the declaration of a site.
pub const SPEC: Spec = Spec {
    name: "",
    fields: &[],
    flags: 0,
    level: Level::INFO,
    target: "",
    kind: SpanKind::Internal,
    slow_nanos: 0,
    objective: None,
    owner: "",
    file: "",
    line: 0,
    module: "",
};

/// Defaults for the declaration of an alert.
pub const ALERT_SPEC: AlertSpec = AlertSpec {
    name: "",
    severity: Severity::P4,
    summary: "",
    impact: "",
    owner: "",
    runbook: "",
    notify: &[],
    condition: || unreachable!("every expansion sets the condition"),
    file: "",
    line: 0,
    module: "",
};

impl AlertSpec {
    /// Sets the location in the source.
    #[must_use]
    pub const fn at(self, file: &'static str, line: u32, module: &'static str) -> Self {
        Self {
            file,
            line,
            module,
            ..self
        }
    }
}

/// Defaults for the declaration of an event.
pub const EVENT_SPEC: EventSpec = EventSpec {
    name: "",
    fields: &[],
    help: "",
    owner: "",
    budget: family_spec::BUDGET,
    file: "",
    line: 0,
    module: "",
};

impl EventSpec {
    /// Returns the description, or `otherwise` if there is none.
    #[must_use]
    pub const fn help_or(&self, otherwise: &'static str) -> &'static str {
        if self.help.is_empty() {
            otherwise
        } else {
            self.help
        }
    }

    /// Sets the location in the source.
    #[must_use]
    pub const fn at(self, file: &'static str, line: u32, module: &'static str) -> Self {
        Self {
            file,
            line,
            module,
            ..self
        }
    }
}

impl FamilySpec {
    /// Sets the location in the source. Fails at compile time if the metric can have more series than its budget.
    #[must_use]
    pub const fn at(self, file: &'static str, line: u32, module: &'static str) -> Self {
        assert!(
            crate::model::family::worst_case(self.labels) <= self.budget,
            "this metric can have more series than its budget: use fewer labels or values, or raise `budget = ..`"
        );
        Self {
            file,
            line,
            module,
            ..self
        }
    }
}

/// Defaults for the declaration of a metric.
pub mod family_spec {
    use super::{FamilySpec, MetricKind};
    use crate::model::unit::Unit;

    /// OpenTelemetry's default cardinality limit (metrics SDK specification, "Cardinality limits").
    pub(super) const BUDGET: usize = 2000;

    const fn of<U: Unit>(kind: MetricKind) -> FamilySpec {
        FamilySpec {
            name: "",
            help: "",
            kind,
            unit: U::CODE,
            unit_word: U::WORD,
            floor: U::FLOOR,
            labels: &[],
            budget: BUDGET,
            owner: "",
            file: "",
            line: 0,
            module: "",
        }
    }

    /// Returns the defaults of a counter.
    #[must_use]
    pub const fn counter<U: Unit>() -> FamilySpec {
        of::<U>(MetricKind::Counter)
    }
    /// Returns the defaults of a gauge.
    #[must_use]
    pub const fn gauge<U: Unit>() -> FamilySpec {
        of::<U>(MetricKind::Gauge)
    }
    /// Returns the defaults of a histogram.
    #[must_use]
    pub const fn histogram<U: Unit>() -> FamilySpec {
        of::<U>(MetricKind::Histogram)
    }
}
