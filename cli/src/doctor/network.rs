//! Whether what is sent can arrive: each address of each backend, from the name to the answer.

use super::address::{Address, SocketKind, Url, addresses};
use super::clock::Clocks;
use super::finding::Checks;
use super::http::{Answer, Client, Silence, connect, proxy_for};
use super::{agent, datagrams, folder, pages};
use crate::manifest::{Backend, Config};

/// What the checks of addresses share.
pub(super) struct Network<'a> {
    pub(super) config: &'a Config,
    pub(super) client: Client,
    pub(super) clocks: Clocks,
    /// What did not get through a proxy, and how that was told.
    refusals: Vec<String>,
    /// Proxies that take no connection.
    dead_proxies: Vec<String>,
    offline: bool,
}

/// Looks at every address. Offline: at those alone that are files.
pub(super) fn check(config: &Config, offline: bool, checks: &mut Checks) {
    let mut network = Network {
        config,
        client: Client::new(),
        clocks: Clocks::default(),
        refusals: Vec::new(),
        dead_proxies: Vec::new(),
        offline,
    };
    for backend in &config.backends {
        for (signals, text, address) in addresses(backend) {
            network.look(backend, &signals, text, address, checks);
        }
    }
    if offline {
        return checks.skip("clock", "--offline: no clock was asked");
    }
    network.proxy(checks);
    network.clocks.check(checks);
}

impl Network<'_> {
    fn look(
        &mut self,
        backend: &Backend,
        signals: &[&str],
        text: &str,
        address: Option<Address>,
        checks: &mut Checks,
    ) {
        let name = backend.name.as_str();
        match (name, address) {
            // The console.
            ("logs", None) if text == "stdout" => {}
            (_, None) => checks.skip(name, format!("`{text}` is an address of an unknown kind")),
            (_, Some(Address::Folder(path))) => folder::check(&path, checks),
            ("datadog", Some(Address::Unix(path, kind))) if signals.contains(&"metrics") => {
                datagrams::unix("dogstatsd", &path, kind, self.offline, checks);
            }
            ("datadog", Some(Address::Unix(path, _))) => {
                datagrams::unix("datadog", &path, SocketKind::Stream, self.offline, checks);
                if !self.offline && !checks.is_barred("datadog") {
                    agent::over_socket(&path, self, checks);
                }
            }
            (_, Some(Address::Unix(path, kind))) => {
                datagrams::unix("tcp", &path, kind, self.offline, checks)
            }
            _ if self.offline => checks.skip(
                &format!("{name}.connect"),
                format!("--offline: {text} was not connected to"),
            ),
            (_, Some(Address::Udp(host, port))) => datagrams::udp(&host, port, checks),
            (_, Some(Address::Tcp(host, port))) => lines(&host, port, checks),
            ("prometheus" | "live", Some(Address::Http(url))) => pages::check(name, &url, checks),
            ("sentry", Some(Address::Http(url))) => self.sentry(&url, checks),
            ("datadog", Some(Address::Http(url))) => agent::over_http(&url, self, checks),
            ("otlp", Some(Address::Http(url))) => self.otlp(signals, &url, checks),
            (_, Some(Address::Http(url))) => drop(self.reach(name, "", &url, "", checks)),
        }
    }

    /// Whether connections are taken, by the proxy where there is one in between. A connection that was looked at
    /// already is not told of again.
    pub(super) fn reach(
        &mut self,
        name: &str,
        way: &'static str,
        url: &Url,
        remedy: &str,
        checks: &mut Checks,
    ) -> bool {
        let check = format!("{name}.connect");
        if checks
            .all()
            .iter()
            .any(|done| done.name == check && done.fact.contains(&url.authority()))
        {
            return !checks.is_barred(way);
        }
        if let Some((host, port)) = proxy_for(url) {
            let through = format!("{host}:{port}");
            if let Err(why) = connect(&host, port) {
                self.dead_proxies.push(format!("{through} ({why})"));
                checks.skip(
                    &check,
                    format!(
                        "{}: its proxy {through} takes no connection: see `proxy`",
                        url.authority()
                    ),
                );
                checks.bar(way);
                return false;
            }
            checks.ok(
                &check,
                format!("{} is reached through the proxy {through}", url.authority()),
            );
            return true;
        }
        match connect(&url.host, url.port) {
            Ok(fact) => {
                checks.ok(&check, format!("{}: {fact}", url.authority()));
                true
            }
            Err(why) => {
                checks.fail(&check, format!("{}: {why}", url.authority()), remedy);
                checks.bar(way);
                false
            }
        }
    }

    /// What was answered; where nothing was, or by something in between, that is told.
    pub(super) fn answered(
        &mut self,
        name: &str,
        way: &'static str,
        url: &Url,
        answer: Result<Answer, Silence>,
        checks: &mut Checks,
    ) -> Option<Answer> {
        let check = format!("{name}.answer");
        let place = url.authority();
        let refused = match answer {
            Ok(answer) => {
                let Some(header) = answer.refused_in_between() else {
                    self.clocks.note(&place, &answer);
                    return Some(answer);
                };
                format!("HTTP {} with the header `{header}`", answer.status)
            }
            Err(Silence::Proxy(why)) => why,
            Err(Silence::Tls(why)) => {
                // What rustls calls an answer that is no TLS at all.
                let advice = if why.contains("InvalidContentType") {
                    "what listens there speaks no TLS: write http:// where https:// stands, or the port that has TLS"
                } else {
                    "a certificate that the public authorities do not know is that of a proxy or of a private server: \
                     give it a public one, or speak to it without TLS through a collector next to the program"
                };
                checks.fail(
                    &check,
                    format!("{place}: no secure connection: {why}"),
                    advice,
                );
                checks.bar(way);
                return None;
            }
            Err(Silence::Other(why)) => {
                checks.fail(
                    &check,
                    format!("{place}: connected, and then: {why}"),
                    match (way, url.port) {
                        ("otlp", 4317) => "4317 is the port of gRPC: set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or port 4318",
                        _ => "look at what listens there, and at its log",
                    },
                );
                checks.bar(way);
                return None;
            }
        };
        self.refusals.push(format!("{place}: {refused}"));
        checks.skip(&check, format!("{place}: a proxy refused it: see `proxy`"));
        checks.bar(way);
        None
    }

    fn proxy(&self, checks: &mut Checks) {
        const NAMES: [&str; 6] = [
            "ALL_PROXY",
            "all_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "HTTP_PROXY",
            "http_proxy",
        ];
        let set = NAMES
            .iter()
            .find(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()));
        let bad = [&self.dead_proxies[..], &self.refusals[..]].concat();
        match (set, bad.is_empty()) {
            (None, true) => checks.ok("proxy", "no variable names one, and no answer was one's"),
            (Some(name), true) => checks.ok("proxy", format!("{name} is set, and lets through what was tried")),
            (Some(name), false) => checks.fail(
                "proxy",
                format!("{name} is in force, and the proxy lets nothing through: {}", bad.join("; ")),
                "allow these hosts in the proxy; name those that need none, such as the Agent's, in NO_PROXY",
            ),
            (None, false) => checks.fail(
                "proxy",
                format!("something between the program and the backend refuses requests: {}", bad.join("; ")),
                "allow the backend's host in that proxy or firewall",
            ),
        }
    }

    fn sentry(&mut self, url: &Url, checks: &mut Checks) {
        let remedy = "allow connections out to this host in the firewall; compare the host with the DSN in Sentry's \
                      settings";
        if !self.reach("sentry", "sentry", url, remedy, checks) {
            return;
        }
        let (prefix, project) = url.path.rsplit_once('/').unwrap_or(("", ""));
        let asked = self
            .client
            .get(&url.at(&format!("{prefix}/api/{project}/envelope/")), &[]);
        let Some(answer) = self.answered("sentry", "sentry", url, asked, checks) else {
            return;
        };
        let (place, status) = (url.authority(), answer.status);
        match status {
            300..=399 | 404 => {
                checks.fail(
                    "sentry.answer",
                    format!("{place} answers HTTP {status}: nothing there takes events of project {project}"),
                    "copy the DSN anew from the project's settings in Sentry (Client Keys)",
                );
                checks.bar("sentry");
            }
            500.. => {
                checks.fail(
                    "sentry.answer",
                    format!("{place} is in trouble: HTTP {status}"),
                    "look at its status page, or its log",
                );
                checks.bar("sentry");
            }
            _ => checks.ok(
                "sentry.answer",
                format!("{place} is there: HTTP {status} to a request without an event"),
            ),
        }
    }

    fn otlp(&mut self, signals: &[&str], url: &Url, checks: &mut Checks) {
        let remedy = self.otlp_remedy(url);
        if !self.reach("otlp", "otlp", url, &remedy, checks) {
            return;
        }
        let grpc = !url.path.contains("/v1/");
        if grpc {
            return checks.skip("otlp.answer", "gRPC: what it answers, the round trip tells");
        }
        // No spans at all: valid, and leaves nothing behind.
        let asked = self
            .client
            .post_nothing(&url.at(&url.path), "application/x-protobuf");
        let Some(answer) = self.answered("otlp", "otlp", url, asked, checks) else {
            return;
        };
        let place = format!("{}{}", url.authority(), url.path);
        let (what, status) = (signals.join(", "), answer.status);
        match status {
            300..=399 | 404 | 405 => {
                checks.fail("otlp.answer", format!("{place} answers HTTP {status}: no OTLP there for {what}"), remedy);
                checks.bar("otlp");
            }
            500.. => {
                checks.fail("otlp.answer", format!("{place} is in trouble: HTTP {status}"), "look at the collector's log");
                checks.bar("otlp");
            }
            401 | 403 => checks.ok(
                "otlp.answer",
                format!("{place} is there and wants a key (HTTP {status}): the round trip tells whether it is right"),
            ),
            _ => checks.ok("otlp.answer", format!("{place} takes {what}: HTTP {status}")),
        }
    }

    /// What to do where nothing takes OTLP: by who is aimed at.
    fn otlp_remedy(&self, url: &Url) -> String {
        if agent::is_at(self.config, url) {
            return "it is the host of the Datadog Agent, which takes OTLP only where it is told to: set \
                    DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT=0.0.0.0:4318 (for gRPC: _GRPC_ENDPOINT=0.0.0.0:4317), \
                    and restart it"
                .into();
        }
        "start the collector with an OTLP receiver (HTTP: port 4318, gRPC: 4317), or correct \
         OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL"
            .into()
    }
}

/// Log lines over TCP.
fn lines(host: &str, port: u16, checks: &mut Checks) {
    match connect(host, port) {
        Ok(fact) => checks.ok("logs.tcp", fact),
        Err(why) => {
            checks.fail(
                "logs.tcp",
                why,
                "open the port where lines are taken (Datadog's Agent: `logs_enabled: true` and a TCP listener in \
                 `conf.d`), or correct LOG_TCP",
            );
            checks.bar("tcp");
        }
    }
}
