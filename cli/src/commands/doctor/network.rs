//! Connections and HTTP requests to backends, through the proxy that the program uses.

use super::address::Url;
use super::clock::Clocks;
use super::finding::Checks;
use super::http::{Answer, Client, NoAnswer, connect, proxy_for};
use instrumental_manifest::Config;

/// State that the checks of all addresses share.
pub(super) struct Network<'a> {
    pub(super) config: &'a Config,
    pub(super) client: Client,
    pub(super) clocks: Clocks,
    /// Requests that a proxy refused, with the refusal.
    refusals: Vec<String>,
    /// Proxies that accept no connection.
    dead_proxies: Vec<String>,
}

/// What a check connects to.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// The backend's name.
    pub(super) backend: &'a str,
    pub(super) url: &'a Url,
}

impl<'a> Network<'a> {
    pub(super) fn new(config: &'a Config) -> Self {
        Self {
            config,
            client: Client::new(),
            clocks: Clocks::default(),
            refusals: Vec::new(),
            dead_proxies: Vec::new(),
        }
    }

    /// Checks that the target, or the proxy in front of it, accepts connections. A target that was checked before is not
    /// reported again.
    pub(super) fn reach(&mut self, target: Target<'_>, remedy: &str, checks: &mut Checks) -> bool {
        let Target { backend, url } = target;
        let (check, place) = (format!("{backend}.connect"), url.authority());
        let mut done = checks.all().iter();
        if done.any(|done| done.name == check && done.fact.contains(&place)) {
            return !checks.is_unreachable(backend);
        }
        if let Some((host, port)) = proxy_for(url) {
            return self.reach_proxy(
                &format!("{host}:{port}"),
                connect(&host, port),
                target,
                checks,
            );
        }
        match connect(&url.host, url.port) {
            Ok(fact) => {
                checks.ok(&check, format!("{place}: {fact}"));
                true
            }
            Err(why) => {
                checks.fail(&check, format!("{place}: {why}"), remedy);
                checks.mark_unreachable(backend);
                false
            }
        }
    }

    fn reach_proxy(
        &mut self,
        proxy: &str,
        connected: Result<String, String>,
        target: Target<'_>,
        checks: &mut Checks,
    ) -> bool {
        let check = format!("{}.connect", target.backend);
        let place = target.url.authority();
        match connected {
            Ok(_) => {
                checks.ok(
                    &check,
                    format!("{place} is reached through the proxy {proxy}"),
                );
                true
            }
            Err(why) => {
                self.dead_proxies.push(format!("{proxy} ({why})"));
                let fact = format!("{place}: the proxy {proxy} accepts no connection; see `proxy`");
                checks.skip(&check, fact);
                checks.mark_unreachable(target.backend);
                false
            }
        }
    }

    /// Returns the answer of the target. Reports if there is none, or if it is the answer of a proxy.
    pub(super) fn answered(
        &mut self,
        target: Target<'_>,
        answer: Result<Answer, NoAnswer>,
        checks: &mut Checks,
    ) -> Option<Answer> {
        let place = target.url.authority();
        let check = format!("{}.answer", target.backend);
        let refusal = match answer {
            Ok(answer) => {
                let Some(header) = answer.proxy_refusal() else {
                    self.clocks.note(&place, &answer);
                    return Some(answer);
                };
                format!("HTTP {} with the header `{header}`", answer.status)
            }
            Err(NoAnswer::Proxy(why)) => why,
            Err(NoAnswer::Tls(why)) => {
                let fact = format!("{place}: no secure connection: {why}");
                checks.fail(&check, fact, tls_remedy(&why));
                checks.mark_unreachable(target.backend);
                return None;
            }
            Err(NoAnswer::Other(why)) => {
                let remedy = match (target.backend, target.url.port) {
                    ("otlp", 4317) => {
                        "port 4317 is for gRPC: set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or use port 4318"
                    }
                    _ => "check which program listens there, and its log",
                };
                checks.fail(&check, format!("{place}: connected, but: {why}"), remedy);
                checks.mark_unreachable(target.backend);
                return None;
            }
        };
        self.refusals.push(format!("{place}: {refusal}"));
        checks.skip(
            &check,
            format!("{place}: a proxy refused the request; see `proxy`"),
        );
        checks.mark_unreachable(target.backend);
        None
    }

    /// Reports on the proxies of all requests.
    pub(super) fn check_proxy(&self, checks: &mut Checks) {
        const NAMES: [&str; 6] = [
            "ALL_PROXY",
            "all_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "HTTP_PROXY",
            "http_proxy",
        ];
        let is_set = |name: &&&str| std::env::var(name).is_ok_and(|value| !value.is_empty());
        let set = NAMES.iter().find(is_set);
        let faults = [&self.dead_proxies[..], &self.refusals[..]]
            .concat()
            .join("; ");
        match (set, faults.is_empty()) {
            (None, true) => checks.ok("proxy", "no variable sets a proxy, and no answer came from one"),
            (Some(name), true) => checks.ok("proxy", format!("{name} is set, and the proxy forwards requests")),
            (Some(name), false) => checks.fail(
                "proxy",
                format!("{name} is set, and the proxy does not forward requests: {faults}"),
                "allow these hosts in the proxy, or list hosts that need no proxy, such as the Agent's, in NO_PROXY",
            ),
            (None, false) => checks.fail(
                "proxy",
                format!("a proxy between the program and the backend refuses requests: {faults}"),
                "allow the backend's host in that proxy or firewall",
            ),
        }
    }
}

fn tls_remedy(why: &str) -> &'static str {
    // The error of rustls if the answer is not TLS.
    if why.contains("InvalidContentType") {
        "the server does not use TLS: use http:// instead of https://, or the port with TLS"
    } else {
        "the certificate is not signed by a public authority, so it belongs to a proxy or a private server: use a public \
         certificate, or send without TLS to a collector next to the program"
    }
}
