//! The definition of a scenario, and shared batches of calls.

use crate::measure::{Batch, calls, polls};
use crate::{floor, ours};

/// One contender in one setup of the process.
pub(crate) struct Scenario {
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    /// Sets the process up; the returned function is called between batches.
    pub(crate) install: fn() -> Box<dyn FnMut()>,
    pub(crate) batch: Batch,
    /// The same calls without instrumentation.
    pub(crate) alone: Batch,
    pub(crate) way: Way,
}

/// How a scenario is measured.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
    Rounds,
    /// One thread against two.
    Threads,
    /// A few calls for each kind of error.
    Kinds,
}

pub(crate) fn nothing() -> Box<dyn FnMut()> {
    Box::new(|| ())
}

pub(crate) const SYNC: Batch = calls!(floor::plain);
pub(crate) const ASYNC: Batch = polls!(floor::plain_async);
pub(crate) const OURS: Batch = calls!(ours::plain);
pub(crate) const OURS_FIELD: Batch = calls!(ours::with_field);
pub(crate) const OURS_ASYNC: Batch = polls!(ours::plain_async);
pub(crate) const OURS_FIELD_ASYNC: Batch = polls!(ours::with_field_async);

pub(crate) fn of(
    key: &'static str,
    title: &'static str,
    install: fn() -> Box<dyn FnMut()>,
    batch: Batch,
    alone: Batch,
) -> Scenario {
    Scenario {
        key,
        title,
        install,
        batch,
        alone,
        way: Way::Rounds,
    }
}

/// A scenario with reported errors.
#[cfg(feature = "backends")]
pub(crate) fn captured(
    key: &'static str,
    title: &'static str,
    install: fn() -> Box<dyn FnMut()>,
    batch: Batch,
    alone: Batch,
) -> Scenario {
    Scenario {
        way: Way::Kinds,
        ..of(key, title, install, batch, alone)
    }
}

pub(crate) fn two(
    key: &'static str,
    title: &'static str,
    install: fn() -> Box<dyn FnMut()>,
    batch: Batch,
) -> Scenario {
    Scenario {
        way: Way::Threads,
        ..of(key, title, install, batch, SYNC)
    }
}

/// A list of scenarios, one row each: key, title, setup, batch, and the same calls without instrumentation.
macro_rules! scenarios {
    ($($key:literal, $title:literal, $install:expr, $batch:expr, $alone:expr;)*) => {
        vec![$($crate::scenario::of($key, $title, $install, $batch, $alone)),*]
    };
}

/// A list of scenarios that compare one thread with two, one row each: key, title, setup and batch.
macro_rules! threads {
    ($($key:literal, $title:literal, $install:expr, $batch:expr;)*) => {
        vec![$($crate::scenario::two($key, $title, $install, $batch)),*]
    };
}

/// A batch within an annotated call, as in a request.
macro_rules! child {
    ($batch:expr) => {{
        fn under(calls: u64) {
            ours::parent(calls, $batch);
        }
        under
    }};
}
pub(crate) use {child, scenarios, threads};
