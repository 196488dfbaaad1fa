//! The blocking HTTP client of the backends. Every request has a deadline.

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

/// The maximum number of bytes that are read of a response body.
const MAX_RESPONSE: u64 = 64 << 10;
/// The timeout for establishing a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The peer that a client connects to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Peer {
    /// The host and port of the URL.
    Url,
    /// A Unix socket. The URL's host is only sent in the `Host` header.
    Socket(SocketPath),
}

/// An HTTP client. It follows no redirects, so that keys are not sent to other hosts.
pub(crate) struct Client {
    plain: Agent,
    tls: Tls,
    /// Created when it is first needed, because reading the system's trust store takes milliseconds.
    secure: OnceLock<Agent>,
    has_answered: AtomicBool,
}

/// A response to a request.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// Returns the first value of a header. The name must be in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the delay that the `Retry-After` header asks for.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        retry_after(self.header("retry-after")?, std::time::SystemTime::now())
    }

    /// Returns a short description for messages.
    pub(crate) fn summary(&self) -> String {
        format!("HTTP {}", self.status)
    }

    /// Returns what the status means for the batch (OTLP 1.9, "OTLP/HTTP Response": 429, 502, 503 and 504 are retryable).
    pub(crate) fn send_result(&self) -> SendResult {
        match self.status {
            200..=299 => SendResult::Done,
            429 | 502 | 503 | 504 => SendResult::Retry(self.retry_after()),
            413 => SendResult::Refused(why::TOO_LARGE),
            _ => SendResult::Refused(why::SEND_ERROR),
        }
    }
}

/// Parses the value of `Retry-After`: seconds, or an HTTP date.
pub(crate) fn retry_after(text: &str, now: std::time::SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let then = crate::pipeline::calendar::http_date(text)?;
    Some(then.duration_since(now).unwrap_or_default())
}

/// The error of a request that got no response: a short description without the address.
#[derive(Debug)]
pub(crate) struct RequestError(pub(crate) String);

impl RequestError {
    /// Describes an error. `is_proven` means that the server has answered before, so the TLS settings are correct.
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
            E::Timeout(_) => "timed out".into(),
            E::HostNotFound => "host not found".into(),
            E::ConnectProxyFailed(why) => format!("proxy: {why}"),
            E::Rustls(error) => tls.explain(&error),
            E::Tls(why) => format!("TLS: {why}"),
            // The text of the other errors may quote the URL, which may contain a key.
            E::BadUri(_) | E::Http(_) => "invalid URL".into(),
            E::Protocol(_) => "not an HTTP response".into(),
            E::ConnectionFailed => "connection failed".into(),
            _ => "no response".into(),
        })
    }
}

/// Returns whether the server ended a connection that it had accepted.
fn is_end(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind as E;
    matches!(
        kind,
        E::BrokenPipe | E::ConnectionAborted | E::ConnectionReset | E::UnexpectedEof
    )
}

impl Client {
    /// Creates a client that trusts the authorities of the system.
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

    /// Creates a client with TLS settings.
    pub(crate) fn with_tls(tls: Tls) -> Self {
        Self {
            tls,
            ..Self::new(Peer::Url)
        }
    }

    /// Returns the TLS settings.
    pub(crate) fn tls(&self) -> &Tls {
        &self.tls
    }

    /// Returns the agent for a URL. If a file of the TLS settings cannot be read, the next request reads it again.
    fn agent(&self, url: &str) -> Result<&Agent, RequestError> {
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
        let material = material.map_err(|why| RequestError(format!("TLS: {why}")))?;
        let tls =
            tls_config(material).map_err(|error| RequestError::new(error, &self.tls, true))?;
        Ok(self.secure.get_or_init(|| config(tls).new_agent()))
    }

    /// Posts a body, and returns by `deadline`.
    ///
    /// # Errors
    /// If there is no response: the host is unknown or unreachable, does not speak HTTP, or does not respond in time.
    pub(crate) fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        deadline: Instant,
    ) -> Result<Response, RequestError> {
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
        response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Response, RequestError> {
        let is_proven = self.secure.get().is_none() || self.has_answered.load(Relaxed);
        let mut response =
            response.map_err(|error| RequestError::new(error, &self.tls, is_proven))?;
        self.has_answered.store(true, Relaxed);
        let mut body = Vec::new();
        // The status is valid even if the body cannot be read to its end.
        let reader = response.body_mut().as_reader();
        let _ = reader.take(MAX_RESPONSE).read_to_end(&mut body);
        Ok(Response {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body,
        })
    }
}

fn config(tls: TlsConfig) -> Config {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT_TIMEOUT))
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

/// Compresses a body for `Content-Encoding: gzip`.
pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

#[cfg(all(test, unix))]
mod tests;
