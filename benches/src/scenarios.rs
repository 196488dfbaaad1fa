//! The list of scenarios.

use crate::measure::calls;
use crate::scenario::*;
#[cfg(feature = "peers")]
use crate::{exporters, peers};
use crate::{floor, ours};

fn metrics_only() -> Box<dyn FnMut()> {
    ours::init(1.0, true)
}

/// All scenarios of this build.
pub(crate) fn all() -> Vec<Scenario> {
    #[cfg(feature = "backends")]
    return crate::receiver::backends();
    #[cfg(not(feature = "backends"))]
    of_build()
}

#[cfg(not(feature = "backends"))]
fn of_build() -> Vec<Scenario> {
    let mut all = if cfg!(feature = "spans") {
        spans()
    } else {
        vec![]
    };
    if !cfg!(feature = "spans") {
        all.extend(floors());
        all.extend(metrics());
    }
    #[cfg(feature = "peers")]
    if !cfg!(feature = "spans") {
        all.extend(peers::of_peers());
        all.extend(exporters::of_exporters());
        all.extend(facades());
    }
    all
}

fn floors() -> Vec<Scenario> {
    vec![
        of("baseline", "the function alone", nothing, SYNC, SYNC),
        of(
            "baseline-async",
            "the async function alone",
            nothing,
            ASYNC,
            ASYNC,
        ),
        of(
            "floor",
            "**floor: 2 atomics, 2 clock reads**",
            nothing,
            calls!(floor::floor),
            SYNC,
        ),
        of(
            "floor-histogram",
            "floor: the thread's own histogram",
            nothing,
            calls!(floor::floor_histogram),
            SYNC,
        ),
        of(
            "baseline-city",
            "the function alone, with one of 100,000 texts",
            nothing,
            calls!(ours::city_alone),
            calls!(ours::city_alone),
        ),
        of(
            "off",
            "**`#[traced]`, nothing installed**",
            nothing,
            OURS,
            SYNC,
        ),
        of(
            "off-async",
            "**`#[traced]` async, nothing installed**",
            nothing,
            OURS_ASYNC,
            ASYNC,
        ),
        of(
            "off-field",
            "**`#[traced(x)]`, nothing installed**",
            nothing,
            OURS_FIELD,
            SYNC,
        ),
    ]
}

fn metrics() -> Vec<Scenario> {
    let fails = calls!(ours::fails_alone);
    vec![
        of(
            "metrics",
            "**`#[traced]`, metrics only**",
            metrics_only,
            OURS,
            SYNC,
        ),
        of(
            "metrics-async",
            "**`#[traced]` async, metrics only**",
            metrics_only,
            OURS_ASYNC,
            ASYNC,
        ),
        of(
            "errors",
            "**`#[traced]`, every call fails, metrics only**",
            metrics_only,
            calls!(ours::fails),
            fails,
        ),
        of(
            "storm",
            "**`#[traced] #[capture_errors]`, over the limit of reports**",
            metrics_only,
            calls!(ours::reports),
            fails,
        ),
        of(
            "label",
            "**catalog counter, `derive(Label)`**",
            metrics_only,
            calls!(ours::counted_by_trade),
            SYNC,
        ),
        of(
            "city",
            "**catalog counter, 100,000 texts offered, cap 1,000**",
            metrics_only,
            calls!(ours::counted_by_city),
            calls!(ours::city_alone),
        ),
        two(
            "metrics-threads",
            "**`#[traced]`, metrics only**",
            metrics_only,
            OURS,
        ),
        two(
            "floor-threads",
            "floor: 2 atomics, 2 clock reads",
            nothing,
            calls!(floor::floor),
        ),
        two(
            "floor-histogram-threads",
            "floor: the thread's own histogram",
            nothing,
            calls!(floor::floor_histogram),
        ),
    ]
}

fn spans() -> Vec<Scenario> {
    let on = || ours::init(1.0, true);
    let sampled_out = || ours::init(0.0, false);
    let kept_if_notable = || ours::init(0.0, true);
    vec![
        of(
            "span",
            "**`#[traced]`, span and metrics**",
            on,
            child!(OURS),
            SYNC,
        ),
        of(
            "span-field",
            "**`#[traced(x)]`, span and metrics**",
            on,
            child!(OURS_FIELD),
            SYNC,
        ),
        of(
            "span-async",
            "**`#[traced]` async, span and metrics**",
            on,
            child!(OURS_ASYNC),
            ASYNC,
        ),
        of(
            "span-field-async",
            "**`#[traced(x)]` async, span and metrics**",
            on,
            child!(OURS_FIELD_ASYNC),
            ASYNC,
        ),
        of(
            "root",
            "**`#[traced]`, a trace of its own, and metrics**",
            on,
            OURS,
            SYNC,
        ),
        of(
            "out",
            "**`#[traced]`, sampled out, and metrics**",
            sampled_out,
            child!(OURS),
            SYNC,
        ),
        of(
            "out-kept",
            "**`#[traced]`, sampled out but kept if it fails, and metrics**",
            kept_if_notable,
            child!(OURS),
            SYNC,
        ),
        of(
            "out-root",
            "**`#[traced]`, a trace of its own, sampled out, and metrics**",
            sampled_out,
            OURS,
            SYNC,
        ),
        of(
            "out-async",
            "**`#[traced]` async, sampled out, and metrics**",
            sampled_out,
            child!(OURS_ASYNC),
            ASYNC,
        ),
    ]
}

#[cfg(feature = "peers")]
fn facades() -> Vec<Scenario> {
    fn both() -> Box<dyn FnMut()> {
        let _ = peers::registry();
        peers::recorder()
    }
    vec![
        of(
            "foreign-metrics",
            "**`#[traced]` into a `metrics` recorder**",
            peers::recorder,
            OURS,
            SYNC,
        ),
        of(
            "foreign-span",
            "**`#[traced]` as a `tracing` span, registry**",
            peers::registry,
            OURS,
            SYNC,
        ),
        of(
            "foreign-span-async",
            "**`#[traced]` async as a `tracing` span, registry**",
            peers::registry,
            OURS_ASYNC,
            ASYNC,
        ),
        of(
            "foreign-both",
            "**`#[traced]` into registry and a `metrics` recorder**",
            both,
            OURS,
            SYNC,
        ),
        of(
            "foreign-both-async",
            "**`#[traced]` async into registry and a `metrics` recorder**",
            both,
            OURS_ASYNC,
            ASYNC,
        ),
        of(
            "instrument-and-macros",
            "`tracing::instrument`, registry, and `metrics` macros",
            both,
            calls!(peers::instrument_and_macros),
            SYNC,
        ),
    ]
}
