//! What backends that speak HTTP share: one client, with a deadline on everything.

pub(crate) mod sockets;
pub(crate) mod tls;
mod unix;

use crate::pipeline::queue::transport::SendResult;
use crate::pipeline::queue::why;
use flate2::{Compression, write::GzEncoder};
use sockets::SocketPath;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tls::{Material, Roots, Tls};
use ureq::Agent;
use ureq::config::Config;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;

/// What is read of an answer. Nobody has more to say than this.
const MAX_ANSWER: u64 = 64 << 10;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);

/// Where a client connects to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Peer {
    /// Host and port of the URL.
    Url,
    /// A Unix socket; the URL's host is only told.
    Socket(SocketPath),
}

/// An HTTP client. Follows no redirect, so that no key goes to a host that was not asked for.
pub(crate) struct Client {
    plain: Agent,
    tls: Tls,
    /// Made when it is first needed: the system's trust store takes milliseconds to read.
    secure: OnceLock<Agent>,
    has_answered: AtomicBool,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The first header of this name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Seconds of `Retry-After`, which may also be a date.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        retry_after(self.header("retry-after")?, std::time::SystemTime::now())
    }

    /// What it came to, in a few words.
    pub(crate) fn told(&self) -> String {
        format!("HTTP {}", self.status)
    }

    /// What OpenTelemetry's protocol makes of a status: 429, 502, 503 and 504 may be tried again.
    pub(crate) fn delivery(&self) -> SendResult {
        match self.status {
            200..=299 => SendResult::Done,
            429 | 502 | 503 | 504 => SendResult::Retry(self.retry_after()),
            413 => SendResult::Refused(why::TOO_LARGE),
            _ => SendResult::Refused(why::SEND_ERROR),
        }
    }
}

/// Reads `Retry-After`: seconds, or an HTTP date.
pub(crate) fn retry_after(text: &str, now: std::time::SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let then = crate::base::text::calendar::http_date(text)?;
    Some(then.duration_since(now).unwrap_or_default())
}

/// Nothing was answered. Says why in a few words, without the address.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    /// What an error means to a client of this TLS. `is_proven`: the server has answered before, so TLS is set up well.
    fn new(error: ureq::Error, tls: &Tls, is_proven: bool) -> Self {
        use ureq::Error as E;
        Self(match error {
            E::Io(error) => match tls.explain_cause(&error) {
                Some(why) => why,
                None if !is_proven && is_end(error.kind()) => {
                    tls.explain_end(&error.kind().to_string())
                }
                None => error.kind().to_string(),
            },
            E::Timeout(_) => "no answer in time".into(),
            E::HostNotFound => "host not found".into(),
            E::ConnectProxyFailed(why) => format!("proxy: {why}"),
            E::Rustls(error) => tls.explain(&error),
            E::Tls(why) => format!("TLS: {why}"),
            // What is left may quote the URL, which may hold a key.
            E::BadUri(_) | E::Http(_) => "not a URL".into(),
            E::Protocol(_) => "no HTTP".into(),
            E::ConnectionFailed => "connection failed".into(),
            _ => "no answer".into(),
        })
    }
}

/// Whether the server ended a connection that it had accepted.
fn is_end(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind as E;
    matches!(
        kind,
        E::BrokenPipe | E::ConnectionAborted | E::ConnectionReset | E::UnexpectedEof
    )
}

impl Client {
    /// A client that trusts what the system trusts.
    pub(crate) fn new(peer: Peer) -> Self {
        let plain = match peer {
            Peer::Url => config(TlsConfig::default()).new_agent(),
            Peer::Socket(path) => Agent::with_parts(
                config(TlsConfig::default()),
                unix::UnixConnector::new(path),
                DefaultResolver::default(),
            ),
        };
        Self {
            plain,
            tls: Tls::default(),
            secure: OnceLock::new(),
            has_answered: AtomicBool::new(false),
        }
    }

    /// A client whose settings say what is trusted.
    pub(crate) fn with_tls(tls: Tls) -> Self {
        Self {
            tls,
            ..Self::new(Peer::Url)
        }
    }

    /// What its settings say about TLS.
    pub(crate) fn tls(&self) -> &Tls {
        &self.tls
    }

    /// The agent for a URL. Files that cannot be read are read again for the next request.
    fn agent(&self, url: &str) -> Result<&Agent, Failure> {
        let is_https = |url: &str| {
            let scheme = url.get(..8);
            scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
        };
        let proxy = self
            .plain
            .config()
            .proxy()
            .map(|proxy| proxy.uri().to_string());
        if !is_https(url) && !proxy.is_some_and(|proxy| is_https(&proxy)) {
            return Ok(&self.plain);
        }
        if let Some(agent) = self.secure.get() {
            return Ok(agent);
        }
        let material = self.tls.load();
        let material = material.map_err(|why| Failure(format!("TLS: {why}")))?;
        let tls = tls_config(material).map_err(|error| Failure::new(error, &self.tls, true))?;
        Ok(self.secure.get_or_init(|| config(tls).new_agent()))
    }

    /// Posts a body; is back by `deadline`.
    ///
    /// # Errors
    /// No answer: the host is unknown or away, does not speak HTTP, or takes too long.
    pub(crate) fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let mut request = self.agent(url)?.post(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let request = request.config().timeout_global(Some(left)).build();
        self.read(request.send(body))
    }

    fn read(
        &self,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, Failure> {
        let is_proven = self.secure.get().is_none() || self.has_answered.load(Relaxed);
        let mut answer = answer.map_err(|error| Failure::new(error, &self.tls, is_proven))?;
        self.has_answered.store(true, Relaxed);
        let mut body = Vec::new();
        // Its status counts even if the rest does not come.
        let reader = answer.body_mut().as_reader();
        let _ = reader.take(MAX_ANSWER).read_to_end(&mut body);
        Ok(Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body,
        })
    }
}

fn config(tls: TlsConfig) -> Config {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT))
        .user_agent(concat!("instrumental/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls)
        .build()
}

fn tls_config(material: Material) -> Result<TlsConfig, ureq::Error> {
    let owned = |der: &[u8]| Certificate::from_der(der).to_owned();
    let roots = match material.roots {
        Roots::WebPki => RootCerts::WebPki,
        Roots::Certificates(roots) => {
            RootCerts::Specific(Arc::new(roots.iter().map(|der| owned(der)).collect()))
        }
    };
    let identity = material.identity.map(|identity| {
        let chain: Vec<_> = identity.chain.iter().map(|der| owned(der)).collect();
        let key = PrivateKey::from_pem(&identity.pem.1)?;
        Ok::<_, ureq::Error>(ClientCert::new_with_certs(&chain, key))
    });
    let config = TlsConfig::builder().root_certs(roots);
    Ok(config.client_cert(identity.transpose()?).build())
}

/// Compressed, as `Content-Encoding: gzip`.
pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    // Into memory: cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

#[cfg(all(test, unix))]
mod tests;
