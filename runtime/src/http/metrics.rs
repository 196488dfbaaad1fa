//! Metrics of requests, with the names of the semantic conventions for HTTP.

use crate::model::change::Change;
use crate::model::family::{FamilySpec, MetricKind};
use crate::model::label::{Bounded, LabelSpec};
use crate::model::site::{Family, Series};
use crate::unit::{Bytes, Seconds, Unit};

/// Label values of routes and hosts; further ones are counted as `other`.
const ROUTES: usize = 200;
/// Label values of statuses.
const STATUSES: usize = 64;
/// Label values of methods: those that HTTP defines and `_OTHER`, with room to spare.
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
        "Requests that this service is handling.";
    SERVER_REQUEST_BODY = Histogram Bytes "http.server.request.body.size" [METHOD, ROUTE]
        "Sizes of the bodies of requests to this service, by their Content-Length.";
    SERVER_RESPONSE_BODY = Histogram Bytes "http.server.response.body.size" [METHOD, ROUTE]
        "Sizes of the bodies of this service's responses.";
    CLIENT_DURATION = Histogram Seconds "http.client.request.duration" [METHOD, SERVER, STATUS]
        "How long requests of this service to other services took.";
}

fn record(series: &'static Series, value: f64) {
    crate::collect::handle::change(series, Change::Record(value));
}

/// An incoming request that has ended.
pub(super) struct ServerRequest<'a> {
    pub(super) method: &'static str,
    pub(super) route: &'a str,
    pub(super) status: u16,
    pub(super) seconds: f64,
    pub(super) request_bytes: Option<u64>,
    pub(super) response_bytes: u64,
}

/// Records the duration and the sizes of the bodies of an incoming request.
pub(super) fn record_server(request: &ServerRequest<'_>) {
    let method = Bounded::<METHODS>::new(request.method);
    let route = Bounded::<ROUTES>::new(request.route);
    let status = Bounded::<STATUSES>::new(&request.status.to_string());
    record(
        SERVER_DURATION.series((method, route, status)),
        request.seconds,
    );
    if let Some(bytes) = request.request_bytes {
        record(SERVER_REQUEST_BODY.series((method, route)), bytes as f64);
    }
    record(
        SERVER_RESPONSE_BODY.series((method, route)),
        request.response_bytes as f64,
    );
}

/// Adds to the number of incoming requests that have not ended.
pub(super) fn add_active(method: &'static str, by: f64) {
    let series = SERVER_ACTIVE.series((Bounded::<METHODS>::new(method),));
    crate::collect::handle::change(series, Change::Adjust(by));
}

/// Records the duration of an outgoing request, in seconds.
pub(super) fn record_client(method: &'static str, server: &str, status: &str, seconds: f64) {
    let labels = (
        Bounded::<METHODS>::new(method),
        Bounded::<ROUTES>::new(server),
        Bounded::<STATUSES>::new(status),
    );
    record(CLIENT_DURATION.series(labels), seconds);
}
