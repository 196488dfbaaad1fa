//! Fixtures of the tests.

use crate::MetricKind;
use crate::base::settings::Identity;
use crate::model::family::FamilySpec;
use crate::model::label::LabelSpec;
use crate::model::outcome::Outcome;
use crate::model::site::{Family, Owner, Series};
use crate::pipeline::{SamplingReason, Trace};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

static FAMILY: Family = Family::new(FamilySpec {
    name: "shop|c\nforged.revenue:999999|g",
    help: "",
    kind: MetricKind::Counter,
    unit: "",
    unit_word: "",
    floor: -28,
    labels: &[LabelSpec {
        name: "user",
        cardinality: 0,
        counted: 1,
        dynamic: true,
        value: |_| "",
    }],
    budget: 10,
    owner: "",
    file: "",
    line: 0,
    module: "",
});

/// A label value that forges a metric and a tag unless it is sanitized.
const HOSTILE: &str = "bob|c\nforged.revenue:999999|g|#env:prod,x";

/// Returns a series of a family whose name and label are hostile.
pub(super) fn series(kind: MetricKind) -> &'static Series {
    Box::leak(Box::new(Series {
        slot: u32::MAX,
        kind,
        floor: -28,
        owner: Owner::Family(&FAMILY, vec![HOSTILE.into()]),
        index: u32::MAX,
        foreign: OnceLock::new(),
    }))
}

/// Returns a deadline that a passing test does not reach.
pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// Returns a trace of a root and its failed child.
pub(super) fn trace() -> Trace {
    let id = 0xabcd_0000_0000_0000_0000_0000_0000_0007;
    let span = |span, parent, outcome| crate::pipeline::example(id, span, parent, outcome, false);
    Trace {
        id,
        kept: SamplingReason::Sampled,
        spans: vec![span(2, 1, Outcome::Error), span(1, 0, Outcome::Ok)],
    }
}

pub(super) fn identity() -> Identity {
    Identity {
        service: "shop".into(),
        environment: "test".into(),
        version: None,
        attributes: Vec::new(),
        host: String::new(),
    }
}

/// Returns an unused path of a socket.
pub(super) fn unused_path(name: &str) -> PathBuf {
    let name = format!("instrumental-{name}-{}.sock", std::process::id());
    let path = std::env::temp_dir().join(name);
    let _ = std::fs::remove_file(&path);
    path
}
