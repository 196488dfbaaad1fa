//! The call of an incoming request: what its span records from the head of the request and from the response.

use super::status::ResponseStatus;
use super::{propagation, status};
use crate::__private::call::record_later;
use crate::__private::polling::Polling;
use crate::base::clock;
use crate::collect::facade::spans::Remote;
use crate::collect::record_queue;
use crate::collect::trace::{context, ids, sampling, scope, thread_state};
use crate::model::incoming::Incoming;
use crate::model::record::Record;
use crate::model::request::{Scope, User};
use crate::model::site::Site;
use crate::model::spec::SpanKind;
use ::http::HeaderMap;
use ::http::request::Parts;
use std::sync::Arc;

/// Declares the fields of a request's span. [`record_head`] and [`record_status`] give their values in this order.
fn http_server() -> &'static Site {
    crate::__site!("http.server", [
        "otel.name", "http.request.method", "url.path", "url.scheme", "http.route", "http.response.status_code",
        "server.address", "server.port", "user_agent.original", "network.protocol.version", "rpc.system",
        "rpc.service", "rpc.method", "rpc.grpc.status_code",
    ], { flags: 1u32 | 32u32, kind: SpanKind::Server })
}

/// The parts of a request's head that its name, metrics and outcome depend on.
pub(super) struct Head {
    pub(super) method: &'static str,
    pub(super) route: String,
    pub(super) is_grpc: bool,
    pub(super) is_head: bool,
    pub(super) started: u64,
    pub(super) request_bytes: Option<u64>,
}

impl Head {
    pub(super) fn of(parts: &Parts, route: impl Fn(&Parts) -> Option<String>) -> Self {
        let is_grpc = status::is_grpc(&parts.headers);
        let route = if is_grpc {
            status::grpc_method(parts.uri.path()).map(str::to_owned)
        } else {
            route(parts)
        };
        Self {
            method: status::method(&parts.method),
            route: route.unwrap_or_default(),
            is_grpc,
            is_head: parts.method == ::http::Method::HEAD,
            started: clock::now(),
            request_bytes: text(&parts.headers, "content-length").and_then(|len| len.parse().ok()),
        }
    }

    /// Returns the name of the span: `{method} {route}`, or the method of a gRPC call.
    fn name(&self) -> String {
        let method = status::method_name(self.method);
        match (self.is_grpc, self.route.as_str()) {
            (_, "") => method.to_owned(),
            (true, route) => route.to_owned(),
            (false, route) => format!("{method} {route}"),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Begins the call of a request. It is on the stack of this thread when this function returns.
pub(super) fn begin(parts: &Parts, head: &Head, user: Option<User>) -> crate::__private::Call {
    let incoming = propagation::extract(&parts.headers);
    let name = head.name();
    let call = http_server().enter(|recorder| {
        recorder.remote(remote_parent(incoming.as_ref(), &name));
        record_head(recorder, parts, head, &name);
    });
    if !call.is_disabled() {
        let incoming = incoming.map(Arc::new);
        if let Some(incoming) = incoming.as_ref().filter(|incoming| has_details(incoming)) {
            // Fails only if no pipeline takes records, and then none needs this one.
            let _ = record_queue::send(Record::Incoming(context::place(), Arc::clone(incoming)));
        }
        if user.is_some() || incoming.is_some() {
            let scope = Scope {
                user,
                incoming,
                ..Scope::default()
            };
            scope::swap_request(thread_state::Request {
                scope: Some(Arc::new(scope)),
                last_report: None,
            });
        }
    }
    call
}

/// Returns whether the request brought context that backends add to the span, beside its ids.
fn has_details(incoming: &Incoming) -> bool {
    !(incoming.links.is_empty()
        && incoming.tracestate.is_empty()
        && incoming.sentry.is_empty()
        && incoming.datadog_tags.is_empty())
        || incoming.datadog_origin.is_some()
        || incoming.priority.is_some()
}

/// Returns the remote parent. A request without one begins a new trace, sampled by the name of its span.
fn remote_parent(incoming: Option<&Incoming>, name: &str) -> Remote {
    let (trace, span, sampled) = incoming.map_or((0, 0, None), |incoming| {
        (incoming.trace, incoming.span, incoming.sampled)
    });
    let trace = if trace == 0 { ids::trace() } else { trace };
    Remote {
        trace,
        span,
        sampled: Some(sampled.unwrap_or_else(|| sampling::is_sampled(trace, name))),
    }
}

fn record_head(
    recorder: &mut crate::__private::Recorder<'_>,
    parts: &Parts,
    head: &Head,
    name: &str,
) {
    let host = text(&parts.headers, "host").or_else(|| parts.uri.authority().map(|a| a.as_str()));
    let (address, port) = host.map_or((None, None), |host| match host.rsplit_once(':') {
        Some((address, port)) if port.parse::<u16>().is_ok() => {
            (Some(address), port.parse::<u64>().ok())
        }
        _ => (Some(host), None),
    });
    let scheme = parts.uri.scheme_str().unwrap_or("http");
    let agent = text(&parts.headers, "user-agent");
    let version = version(parts.version);
    let path = parts.uri.path();
    let (service, method) = head.route.split_once('/').unwrap_or((&head.route, ""));
    let (grpc, is_named) = (head.is_grpc, !head.route.is_empty());
    fn some<V: tracing::Value>(value: &V) -> Option<&dyn tracing::Value> {
        Some(value)
    }
    let system = "grpc";
    recorder.fields(&[
        some(&name),
        some(&head.method),
        some(&path),
        some(&scheme),
        Some(&head.route.as_str() as &dyn tracing::Value)
            .filter(|_| !head.route.is_empty() && !grpc),
        None,
        address.as_ref().and_then(some),
        port.as_ref().and_then(some),
        agent.as_ref().and_then(some),
        some(&version),
        some(&system).filter(|_| grpc),
        some(&service).filter(|_| grpc && is_named),
        some(&method).filter(|_| grpc && is_named),
        None,
    ]);
}

fn version(version: ::http::Version) -> &'static str {
    match version {
        ::http::Version::HTTP_09 => "0.9",
        ::http::Version::HTTP_10 => "1.0",
        ::http::Version::HTTP_2 => "2",
        ::http::Version::HTTP_3 => "3",
        _ => "1.1",
    }
}

/// Records the status of the response. The call has to be on the stack.
pub(super) fn record_status(status: Option<u16>, grpc: Option<u16>) {
    let mut values: [Option<&dyn tracing::Value>; 14] = [None; 14];
    let status = status.map(u64::from);
    let grpc = grpc.map(u64::from);
    values[5] = status.as_ref().map(|status| status as &dyn tracing::Value);
    values[13] = grpc.as_ref().map(|grpc| grpc as &dyn tracing::Value);
    record_later(http_server(), &values);
}

/// Ends a call that is on the stack with the outcome that its status means.
pub(super) fn finish(polling: Polling<'_>, status: ResponseStatus, is_grpc: bool) {
    let outcome = match status.grpc.filter(|_| is_grpc) {
        Some(code) => status::server_grpc_outcome(code),
        None => status::server_outcome(status.http),
    };
    polling.end(&outcome);
}
