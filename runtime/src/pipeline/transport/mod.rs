//! What backends that speak HTTP share: one client, with a deadline on everything.

pub(crate) mod sockets;
mod unix;

use crate::pipeline::queue::transport::SendResult;
use crate::pipeline::queue::why;
use flate2::{Compression, write::GzEncoder};
use sockets::SocketPath;
use std::io::{Read, Write};
use std::time::{Duration, Instant};
use ureq::Agent;
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
    agent: Agent,
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
    let then = crate::base::text::time::http_date(text)?;
    Some(then.duration_since(now).unwrap_or_default())
}

/// Nothing was answered. Says why in a few words, without the address.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl From<ureq::Error> for Failure {
    fn from(error: ureq::Error) -> Self {
        use ureq::Error as E;
        Self(match error {
            E::Io(error) => error.kind().to_string(),
            E::Timeout(_) => "no answer in time".into(),
            E::HostNotFound => "host not found".into(),
            E::ConnectProxyFailed(why) => format!("proxy: {why}"),
            E::Rustls(error) => format!("TLS: {error}"),
            E::Tls(why) => format!("TLS: {why}"),
            // What is left may quote the URL, which may hold a key.
            E::BadUri(_) | E::Http(_) => "not a URL".into(),
            E::Protocol(_) => "no HTTP".into(),
            E::ConnectionFailed => "connection failed".into(),
            _ => "no answer".into(),
        })
    }
}

impl Client {
    pub(crate) fn new(peer: Peer) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .user_agent(concat!("instrumental/", env!("CARGO_PKG_VERSION")))
            .build();
        let agent = match peer {
            Peer::Url => config.new_agent(),
            Peer::Socket(path) => Agent::with_parts(
                config,
                unix::UnixConnector::new(path),
                DefaultResolver::default(),
            ),
        };
        Self { agent }
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
        let mut request = self.agent.post(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let request = request.config().timeout_global(Some(left)).build();
        Self::read(request.send(body))
    }

    fn read(
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, Failure> {
        let mut answer = answer?;
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

/// Compressed, as `Content-Encoding: gzip`.
pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    // Into memory: cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

#[cfg(all(test, unix))]
mod tests;
