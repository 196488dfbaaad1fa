//! HTTP requests with the client and the proxies that the program uses.

use super::address::Url;
use std::io::Read as _;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant, SystemTime};
use ureq::{Agent, Proxy};

/// The timeouts of a connection and of an answer.
pub(super) const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(6);
/// The maximum size of an answer; a metrics page may be long.
const MAX_ANSWER: u64 = 64 << 20;

pub(super) struct Client(Agent);

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: ureq::http::HeaderMap,
    pub(super) body: String,
    /// The time of arrival.
    pub(super) at: SystemTime,
}

/// Why there is no answer.
pub(super) enum NoAnswer {
    /// The proxy refused the connection.
    Proxy(String),
    /// No TLS connection was established.
    Tls(String),
    Other(String),
}

impl Client {
    /// Creates a client that uses the proxy of the environment, as the program does.
    pub(super) fn new() -> Self {
        Self::with(Proxy::try_from_env())
    }

    /// Creates a client for the program itself, without a proxy.
    pub(super) fn direct() -> Self {
        Self::with(None)
    }

    fn with(proxy: Option<Proxy>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .user_agent(concat!("cargo-instrumental/", env!("CARGO_PKG_VERSION")))
            .build();
        Self(config.new_agent())
    }

    pub(super) fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Answer, NoAnswer> {
        let mut request = self.0.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.call())
    }

    /// Posts an empty body with a content type.
    pub(super) fn post_nothing(&self, url: &str, kind: &str) -> Result<Answer, NoAnswer> {
        answer(self.0.post(url).header("content-type", kind).send(&b""[..]))
    }
}

fn answer(
    result: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer, NoAnswer> {
    use ureq::Error as E;
    let mut answer = result.map_err(|error| match error {
        E::ConnectProxyFailed(why) => NoAnswer::Proxy(why),
        E::Rustls(error) => NoAnswer::Tls(error.to_string()),
        E::Tls(why) => NoAnswer::Tls(why.to_owned()),
        // rustls cannot parse the answer, such as one without TLS.
        E::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            NoAnswer::Tls(error.to_string())
        }
        E::Io(error) => NoAnswer::Other(error.kind().to_string()),
        E::Timeout(_) => NoAnswer::Other("timed out".into()),
        E::HostNotFound => NoAnswer::Other("unknown host".into()),
        E::Protocol(_) => NoAnswer::Other("the answer is not HTTP".into()),
        _ => NoAnswer::Other("no answer".into()),
    })?;
    let at = SystemTime::now();
    let mut body = Vec::new();
    // The status is enough if the body is incomplete.
    let _ = answer
        .body_mut()
        .as_reader()
        .take(MAX_ANSWER)
        .read_to_end(&mut body);
    Ok(Answer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: String::from_utf8_lossy(&body).into_owned(),
        at,
    })
}

/// Headers that proxies and gateways add to their own answers.
const PROXY_HEADERS: [&str; 9] = [
    "via",
    "proxy-authenticate",
    "proxy-agent",
    "proxy-connection",
    "x-squid-error",
    "x-cache-lookup",
    "x-bluecoat-via",
    "x-zscaler-error",
    "x-forwarded-by",
];
const PROXY_SERVERS: [&str; 6] = [
    "squid",
    "bluecoat",
    "zscaler",
    "mcafee",
    "forcepoint",
    "tinyproxy",
];

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the header that shows that a proxy refused the request.
    pub(super) fn proxy_refusal(&self) -> Option<String> {
        if !matches!(self.status, 403 | 407 | 502 | 503 | 504) {
            return None;
        }
        let line = |name: &str| Some(format!("{name}: {}", self.header(name)?));
        let server = self
            .header("server")
            .unwrap_or_default()
            .to_ascii_lowercase();
        PROXY_HEADERS
            .iter()
            .find_map(|name| line(name))
            .or_else(|| {
                line("server").filter(|_| PROXY_SERVERS.iter().any(|name| server.contains(name)))
            })
    }
}

/// Returns the host and port of the proxy for requests to a URL.
pub(super) fn proxy_for(url: &Url) -> Option<(String, u16)> {
    let proxy = Proxy::try_from_env()?;
    let uri: ureq::http::Uri = url.at("/").parse().ok()?;
    (!proxy.is_no_proxy(&uri)).then(|| (proxy.host().to_owned(), proxy.port()))
}

/// Connects, and returns the address and the duration.
pub(super) fn connect(host: &str, port: u16) -> Result<String, String> {
    let addresses = (host, port).to_socket_addrs();
    let addresses: Vec<_> = match addresses {
        Ok(addresses) => addresses.collect(),
        Err(_) => return Err(format!("unknown host {host} (DNS)")),
    };
    let mut failed = format!("the host {host} has no address");
    for address in &addresses {
        let begun = Instant::now();
        match TcpStream::connect_timeout(address, CONNECT) {
            Ok(_) => {
                let took = begun.elapsed().as_secs_f64() * 1e3;
                return Ok(format!(
                    "{host} is {}, port {port} accepts connections ({took:.0} ms)",
                    address.ip()
                ));
            }
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                failed = format!("{address} does not answer within {} s", CONNECT.as_secs());
            }
            Err(error) => failed = format!("{} at {}", error.kind(), address.ip()),
        }
    }
    Err(failed)
}
