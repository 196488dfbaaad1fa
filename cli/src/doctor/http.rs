//! Asking over HTTP the way the program does: by the same client, through the same proxies.

use super::address::Url;
use std::io::Read as _;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant, SystemTime};
use ureq::{Agent, Proxy};

/// How long a connection and an answer may take.
pub(super) const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(6);
/// What is read of an answer. A metrics page may be long.
const MAX_ANSWER: u64 = 64 << 20;

pub(super) struct Client(Agent);

/// What was answered.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: ureq::http::HeaderMap,
    pub(super) body: String,
    /// When the answer came.
    pub(super) at: SystemTime,
}

/// Nothing was answered.
pub(super) enum Silence {
    /// The proxy does not let it through.
    Proxy(String),
    /// No secure connection.
    Tls(String),
    Other(String),
}

impl Client {
    /// Through the proxy of the environment, as the program does.
    pub(super) fn new() -> Self {
        Self::with(Proxy::try_from_env())
    }

    /// To the program itself: through no proxy.
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

    pub(super) fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Answer, Silence> {
        let mut request = self.0.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.call())
    }

    /// Posts nothing, as something.
    pub(super) fn post_nothing(&self, url: &str, kind: &str) -> Result<Answer, Silence> {
        answer(self.0.post(url).header("content-type", kind).send(&b""[..]))
    }
}

fn answer(
    result: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer, Silence> {
    use ureq::Error as E;
    let mut answer = result.map_err(|error| match error {
        E::ConnectProxyFailed(why) => Silence::Proxy(why),
        E::Rustls(error) => Silence::Tls(error.to_string()),
        E::Tls(why) => Silence::Tls(why.to_owned()),
        // What rustls cannot read, such as a plain answer.
        E::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Silence::Tls(error.to_string())
        }
        E::Io(error) => Silence::Other(error.kind().to_string()),
        E::Timeout(_) => Silence::Other("no answer in time".into()),
        E::HostNotFound => Silence::Other("the host is not known".into()),
        E::Protocol(_) => Silence::Other("what is answered is no HTTP".into()),
        _ => Silence::Other("no answer".into()),
    })?;
    let at = SystemTime::now();
    let mut body = Vec::new();
    // Its status counts even if the rest does not come.
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

/// Headers by which proxies and gateways say that an answer is theirs.
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

    /// The header by which something in between says that it refused the request.
    pub(super) fn refused_in_between(&self) -> Option<String> {
        if !matches!(self.status, 403 | 407 | 502 | 503 | 504) {
            return None;
        }
        let told = |name: &str| Some(format!("{name}: {}", self.header(name)?));
        let server = self
            .header("server")
            .unwrap_or_default()
            .to_ascii_lowercase();
        PROXY_HEADERS
            .iter()
            .find_map(|name| told(name))
            .or_else(|| {
                told("server").filter(|_| PROXY_SERVERS.iter().any(|name| server.contains(name)))
            })
    }
}

/// The proxy that requests to this URL go through: host, port, and how it is shown.
pub(super) fn proxy_for(url: &Url) -> Option<(String, u16)> {
    let proxy = Proxy::try_from_env()?;
    let uri: ureq::http::Uri = url.at("/").parse().ok()?;
    (!proxy.is_no_proxy(&uri)).then(|| (proxy.host().to_owned(), proxy.port()))
}

/// Connects; says how long it took and where to.
pub(super) fn connect(host: &str, port: u16) -> Result<String, String> {
    let addresses = (host, port).to_socket_addrs();
    let addresses: Vec<_> = match addresses {
        Ok(addresses) => addresses.collect(),
        Err(_) => return Err(format!("the host {host} is not known (DNS)")),
    };
    let mut failed = format!("the host {host} has no address");
    for address in &addresses {
        let begun = Instant::now();
        match TcpStream::connect_timeout(address, CONNECT) {
            Ok(_) => {
                let took = begun.elapsed().as_secs_f64() * 1e3;
                return Ok(format!(
                    "{host} is {}, port {port} takes connections ({took:.0} ms)",
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
