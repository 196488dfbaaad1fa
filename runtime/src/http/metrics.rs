//! Metrics of requests, as the semantic conventions name them.

use crate::model::change::Change;
use crate::model::family::{FamilySpec, MetricKind};
use crate::model::label::{Bounded, LabelSpec};
use crate::model::site::{Family, Series};
use crate::unit::{Bytes, Seconds, Unit};

/// Routes told apart; more are counted as `other`.
const ROUTES: usize = 200;
const STATUSES: usize = 64;
const METHODS: usize = 12;

const METHOD: LabelSpec = LabelSpec::of::<Bounded<METHODS>>("http.request.method");
const ROUTE: LabelSpec = LabelSpec::of::<Bounded<ROUTES>>("http.route");
const STATUS: LabelSpec = LabelSpec::of::<Bounded<STATUSES>>("http.response.status_code");
const SERVER: LabelSpec = LabelSpec::of::<Bounded<ROUTES>>("server.address");

const fn family<U: Unit>(
    name: &'static str,
    help: &'static str,
    kind: MetricKind,
    labels: &'static [LabelSpec],
) -> Family {
    Family::new(FamilySpec {
        name,
        help,
        kind,
        unit: U::CODE,
        unit_word: U::WORD,
        floor: U::FLOOR,
        labels,
        budget: 2000,
        owner: "",
        file: file!(),
        line: line!(),
        module: module_path!(),
    })
}

macro_rules! families {
    ($($(#[$doc:meta])* $name:ident = $kind:ident $unit:ident $dotted:literal [$($label:ident),*] $help:literal;)*) => {$(
        $(#[$doc])*
        static $name: Family = family::<$unit>($dotted, $help, MetricKind::$kind, &[$($label),*]);
        crate::__private::submit!(Family &$name);
    )*};
}

use crate::unit::None as Plain;

families! {
    SERVER_DURATION = Histogram Seconds "http.server.request.duration" [METHOD, ROUTE, STATUS]
        "How long requests to this service took.";
    SERVER_ACTIVE = Gauge Plain "http.server.active_requests" [METHOD]
        "Requests that this service works on.";
    SERVER_REQUEST_BODY = Histogram Bytes "http.server.request.body.size" [METHOD, ROUTE]
        "Size of the bodies of requests to this service, as far as they say.";
    SERVER_RESPONSE_BODY = Histogram Bytes "http.server.response.body.size" [METHOD, ROUTE]
        "Size of the bodies of this service's answers.";
    CLIENT_DURATION = Histogram Seconds "http.client.request.duration" [METHOD, SERVER, STATUS]
        "How long requests of this service to others took.";
}

fn record(series: &'static Series, value: f64) {
    crate::collect::handle::change(series, Change::Record(value));
}

/// What is known of a request to this service when it ends.
pub(super) struct Served<'a> {
    pub(super) method: &'static str,
    pub(super) route: &'a str,
    pub(super) status: u16,
    pub(super) seconds: f64,
    pub(super) request_bytes: Option<u64>,
    pub(super) response_bytes: u64,
}

pub(super) fn served(served: &Served<'_>) {
    let method = Bounded::<METHODS>::new(served.method);
    let route = Bounded::<ROUTES>::new(served.route);
    let status = Bounded::<STATUSES>::new(&served.status.to_string());
    record(
        SERVER_DURATION.series((method, route, status)),
        served.seconds,
    );
    if let Some(bytes) = served.request_bytes {
        record(SERVER_REQUEST_BODY.series((method, route)), bytes as f64);
    }
    record(
        SERVER_RESPONSE_BODY.series((method, route)),
        served.response_bytes as f64,
    );
}

pub(super) fn active(method: &'static str, by: f64) {
    let series = SERVER_ACTIVE.series((Bounded::<METHODS>::new(method),));
    crate::collect::handle::change(series, Change::Adjust(by));
}

pub(super) fn asked(method: &'static str, server: &str, status: &str, seconds: f64) {
    let labels = (
        Bounded::<METHODS>::new(method),
        Bounded::<ROUTES>::new(server),
        Bounded::<STATUSES>::new(status),
    );
    record(CLIENT_DURATION.series(labels), seconds);
}
