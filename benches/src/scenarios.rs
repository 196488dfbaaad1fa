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
    scenarios! {
        "baseline", "the function alone", nothing, SYNC, SYNC;
        "baseline-async", "the async function alone", nothing, ASYNC, ASYNC;
        "floor", "**floor: 2 atomics, 2 clock reads**", nothing, calls!(floor::floor), SYNC;
        "floor-histogram", "floor: the thread's own histogram", nothing, calls!(floor::floor_histogram), SYNC;
        "baseline-city", "the function alone, with one of 100,000 texts", nothing, calls!(ours::city_alone), calls!(ours::city_alone);
        "off", "**`#[traced]`, nothing installed**", nothing, OURS, SYNC;
        "off-async", "**`#[traced]` async, nothing installed**", nothing, OURS_ASYNC, ASYNC;
        "off-field", "**`#[traced(x)]`, nothing installed**", nothing, OURS_FIELD, SYNC;
    }
}

fn metrics() -> Vec<Scenario> {
    let fails = calls!(ours::fails_alone);
    let mut all = scenarios! {
        "metrics", "**`#[traced]`, metrics only**", metrics_only, OURS, SYNC;
        "metrics-async", "**`#[traced]` async, metrics only**", metrics_only, OURS_ASYNC, ASYNC;
        "errors", "**`#[traced]`, every call fails, metrics only**", metrics_only, calls!(ours::fails), fails;
        "storm", "**`#[traced] #[capture_errors]`, over the limit of reports**", metrics_only, calls!(ours::reports), fails;
        "label", "**catalog counter, `derive(Label)`**", metrics_only, calls!(ours::counted_by_trade), SYNC;
        "city", "**catalog counter, 100,000 texts offered, cap 1,000**", metrics_only, calls!(ours::counted_by_city), calls!(ours::city_alone);
    };
    all.extend(threads! {
        "metrics-threads", "**`#[traced]`, metrics only**", metrics_only, OURS;
        "floor-threads", "floor: 2 atomics, 2 clock reads", nothing, calls!(floor::floor);
        "floor-histogram-threads", "floor: the thread's own histogram", nothing, calls!(floor::floor_histogram);
    });
    all
}

fn spans() -> Vec<Scenario> {
    let on = || ours::init(1.0, true);
    let sampled_out = || ours::init(0.0, false);
    let kept_if_notable = || ours::init(0.0, true);
    scenarios! {
        "span", "**`#[traced]`, span and metrics**", on, child!(OURS), SYNC;
        "span-field", "**`#[traced(x)]`, span and metrics**", on, child!(OURS_FIELD), SYNC;
        "span-async", "**`#[traced]` async, span and metrics**", on, child!(OURS_ASYNC), ASYNC;
        "span-field-async", "**`#[traced(x)]` async, span and metrics**", on, child!(OURS_FIELD_ASYNC), ASYNC;
        "root", "**`#[traced]`, a trace of its own, and metrics**", on, OURS, SYNC;
        "out", "**`#[traced]`, sampled out, and metrics**", sampled_out, child!(OURS), SYNC;
        "out-kept", "**`#[traced]`, sampled out but kept if it fails, and metrics**", kept_if_notable, child!(OURS), SYNC;
        "out-root", "**`#[traced]`, a trace of its own, sampled out, and metrics**", sampled_out, OURS, SYNC;
        "out-async", "**`#[traced]` async, sampled out, and metrics**", sampled_out, child!(OURS_ASYNC), ASYNC;
    }
}

#[cfg(feature = "peers")]
fn facades() -> Vec<Scenario> {
    fn both() -> Box<dyn FnMut()> {
        let _ = peers::registry();
        peers::recorder()
    }
    scenarios! {
        "foreign-metrics", "**`#[traced]` into a `metrics` recorder**", peers::recorder, OURS, SYNC;
        "foreign-span", "**`#[traced]` as a `tracing` span, registry**", peers::registry, OURS, SYNC;
        "foreign-span-async", "**`#[traced]` async as a `tracing` span, registry**", peers::registry, OURS_ASYNC, ASYNC;
        "foreign-both", "**`#[traced]` into registry and a `metrics` recorder**", both, OURS, SYNC;
        "foreign-both-async", "**`#[traced]` async into registry and a `metrics` recorder**", both, OURS_ASYNC, ASYNC;
        "instrument-and-macros", "`tracing::instrument`, registry, and `metrics` macros", both, calls!(peers::instrument_and_macros), SYNC;
    }
}
