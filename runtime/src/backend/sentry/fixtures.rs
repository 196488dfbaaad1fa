//! Fixtures of the tests.

use super::options::{Sentry, SentryConfig, read};
use crate::base::settings::{ConfigErrors, Identity};
use crate::model::level::Level;
use crate::model::record::{Place, Report, ReportKind, Source};
use std::time::SystemTime;

pub(super) fn identity() -> Identity {
    Identity {
        service: "shop".into(),
        environment: "test".into(),
        version: Some("1.2".into()),
        attributes: vec![("team".into(), "pay".into())],
        host: "box".into(),
    }
}

pub(super) fn config() -> SentryConfig {
    let options = Sentry::default().dsn("http://key@127.0.0.1:9/1");
    read(
        Some(&options),
        &identity(),
        1.0,
        &mut ConfigErrors::default(),
    )
    .expect("valid")
}

pub(super) const PLACE: Place = Place {
    trace: 5,
    span: 6,
    recorded: true,
    sampled: true,
};

pub(super) fn source(text: &str) -> Source {
    Source {
        type_name: "",
        text: text.into(),
    }
}

pub(super) fn report(text: &str) -> Report {
    Report {
        kind: ReportKind::Error,
        level: Level::Error,
        time: SystemTime::now(),
        place: PLACE,
        site: None,
        label: "Refused",
        type_name: "shop::pay::Error",
        text: text.into(),
        chain: ["middle", "root\ncause"].map(source).into(),
        stack: Vec::new(),
        user: None,
        tags: vec![("a b".into(), "x\ny".into())],
        breadcrumbs: Vec::new(),
        extra: Vec::new(),
        around: None,
        repeats: 0,
        backtrace: None,
    }
}
