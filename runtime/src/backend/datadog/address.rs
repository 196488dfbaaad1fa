//! Addresses of the Agent and of its DogStatsD server.

use crate::base::settings::{self, ConfigErrors};
use crate::pipeline::transport::Peer;
use crate::pipeline::transport::sockets::SocketPath;

/// The address of the Agent that receives traces.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Agent {
    pub(super) peer: Peer,
    /// The URL without a trailing slash.
    pub(super) base: String,
}

impl Agent {
    /// Returns the address of an Agent that listens on a TCP port.
    pub(super) fn tcp(host: &str, port: u16) -> Self {
        let host = if host.contains(':') && !host.starts_with('[') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        Self {
            peer: Peer::Url,
            base: format!("http://{host}:{port}"),
        }
    }

    /// Returns the address in the syntax of `DD_TRACE_AGENT_URL`.
    pub(super) fn address(&self) -> String {
        match &self.peer {
            Peer::Url => self.base.clone(),
            Peer::Socket(path) => format!("unix://{path}"),
        }
    }

    /// Returns the host; `None` for a Unix socket.
    pub(super) fn host(&self) -> Option<String> {
        if self.peer != Peer::Url {
            return None;
        }
        let (_, rest) = self.base.split_once("://")?;
        let authority = rest.split('/').next()?;
        let host = authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host);
        Some(host.trim_matches(['[', ']']).to_owned())
    }
}

/// The address of the DogStatsD server that receives metrics.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Statsd {
    Udp(String, u16),
    /// A socket of either kind: datagrams are tried first, then a stream.
    Unix(SocketPath),
    UnixDatagram(SocketPath),
    UnixStream(SocketPath),
}

impl Statsd {
    /// Returns the address in the syntax of `DD_DOGSTATSD_URL`.
    pub(super) fn address(&self) -> String {
        match self {
            Self::Udp(host, port) if host.contains(':') => format!("udp://[{host}]:{port}"),
            Self::Udp(host, port) => format!("udp://{host}:{port}"),
            Self::Unix(path) => format!("unix://{path}"),
            Self::UnixDatagram(path) => format!("unixgram://{path}"),
            Self::UnixStream(path) => format!("unixstream://{path}"),
        }
    }
}

/// Parses the address of an Agent, and reports an invalid one to `errors`.
pub(super) fn agent(name: &'static str, url: &str, errors: &mut ConfigErrors) -> Option<Agent> {
    const EXPECTED: &str = if cfg!(unix) {
        "`http://host:8126` or `unix:///path`"
    } else {
        "`http://host:8126`"
    };
    if let Some(path) = url.strip_prefix("unix://").and_then(SocketPath::new) {
        return Some(Agent {
            peer: Peer::Socket(path),
            base: "http://localhost".into(),
        });
    }
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    let valid = rest.is_some_and(|rest| is_authority(rest.split('/').next().unwrap_or_default()));
    if !valid {
        errors.value(name, settings::bare(url), EXPECTED);
        return None;
    }
    Some(Agent {
        peer: Peer::Url,
        base: url.trim_end_matches('/').to_owned(),
    })
}

/// Returns whether the text is a host with an optional port.
fn is_authority(text: &str) -> bool {
    let port = text
        .rsplit_once(':')
        .map(|(_, port)| port)
        .filter(|port| !port.ends_with(']'));
    let valid = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0));
    !text.is_empty() && valid && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Parses the address of a DogStatsD server, and reports an invalid one to `errors`.
pub(super) fn statsd(name: &'static str, url: &str, errors: &mut ConfigErrors) -> Option<Statsd> {
    const EXPECTED: &str = if cfg!(unix) {
        "`udp://host:8125`, or `unix://`, `unixgram://` or `unixstream://` and a path"
    } else {
        "`udp://host:8125`"
    };
    let path = |scheme| url.strip_prefix::<&str>(scheme).and_then(SocketPath::new);
    let udp = || {
        let rest = url.strip_prefix("udp://")?;
        if !is_authority(rest) {
            return None;
        }
        let (host, port) = rest.rsplit_once(':').unwrap_or((rest, "8125"));
        Some(Statsd::Udp(
            host.trim_matches(['[', ']']).to_owned(),
            port.parse().ok()?,
        ))
    };
    let address = path("unix://").map(Statsd::Unix);
    let address = address.or_else(|| path("unixgram://").map(Statsd::UnixDatagram));
    let address = address
        .or_else(|| path("unixstream://").map(Statsd::UnixStream))
        .or_else(udp);
    if address.is_none() {
        errors.value(name, settings::bare(url), EXPECTED);
    }
    address
}
