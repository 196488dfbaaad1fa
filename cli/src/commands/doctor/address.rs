//! Addresses of backends in the manifest.

use instrumental_manifest::{Backend, Config};
use std::path::PathBuf;

/// A parsed address.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Address {
    Http(Url),
    Udp(String, u16),
    Tcp(String, u16),
    /// A Unix socket.
    Unix(PathBuf, SocketKind),
    Folder(PathBuf),
}

/// The kind of a Unix socket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum SocketKind {
    Any,
    Datagrams,
    Stream,
}

/// A parsed URL.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Url {
    pub(super) https: bool,
    /// Without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Starts with a slash and does not end with one; may be empty.
    pub(super) path: String,
}

impl Url {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (https, rest) = match text.split_once("://")? {
            ("http", rest) => (false, rest),
            ("https", rest) => (true, rest),
            _ => return None,
        };
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = host_and_port(authority, if https { 443 } else { 80 })?;
        let path = path.trim_end_matches('/').to_owned();
        Some(Self {
            https,
            host,
            port,
            path,
        })
    }

    /// Returns a URL with the same host and another path.
    pub(super) fn at(&self, path: &str) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.authority())
    }

    pub(super) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

fn host_and_port(text: &str, default: u16) -> Option<(String, u16)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (text, default),
    };
    let host = host.trim_matches(['[', ']']);
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

impl Address {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        match scheme {
            "http" | "https" => Url::parse(text).map(Self::Http),
            "udp" => host_and_port(rest, 8125).map(|(host, port)| Self::Udp(host, port)),
            "tcp" => host_and_port(rest, 10518).map(|(host, port)| Self::Tcp(host, port)),
            "unix" => Some(Self::Unix(rest.into(), SocketKind::Any)),
            "unixgram" => Some(Self::Unix(rest.into(), SocketKind::Datagrams)),
            "unixstream" => Some(Self::Unix(rest.into(), SocketKind::Stream)),
            "file" => Some(Self::Folder(rest.into())),
            _ => None,
        }
    }
}

/// Returns the backend of this name if it is on.
pub(crate) fn backend<'a>(config: &'a Config, name: &str) -> Option<&'a Backend> {
    config.backends.iter().find(|backend| backend.name == name)
}

/// An address of a backend.
pub(super) struct Destination<'a> {
    /// The signals that are sent there.
    pub(super) signals: Vec<&'a str>,
    pub(super) text: &'a str,
    /// The parsed address, or `None` if it is not understood.
    pub(super) address: Option<Address>,
}

/// Returns the addresses of a backend, each once.
pub(super) fn destinations(backend: &Backend) -> Vec<Destination<'_>> {
    let mut found: Vec<Destination<'_>> = Vec::new();
    for endpoint in &backend.endpoints {
        let text = endpoint.address.as_str();
        match found.iter_mut().find(|one| one.text == text) {
            Some(known) => known.signals.push(&endpoint.signal),
            None => found.push(Destination {
                signals: vec![&endpoint.signal],
                text,
                address: Address::parse(text),
            }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_parsed() {
        let url = |text| Url::parse(text).map(|url| (url.authority(), url.path.clone(), url.https));
        assert_eq!(
            url("https://o1.example/42"),
            Some(("o1.example:443".into(), "/42".into(), true))
        );
        assert_eq!(
            url("http://u:p@[::1]:4318/v1/traces?k=v"),
            Some(("[::1]:4318".into(), "/v1/traces".into(), false))
        );
        assert_eq!(url("ftp://x"), None);
        assert_eq!(
            Address::parse("udp://localhost:8125"),
            Some(Address::Udp("localhost".into(), 8125))
        );
        assert_eq!(
            Address::parse("unix:///a/b"),
            Some(Address::Unix("/a/b".into(), SocketKind::Any))
        );
        assert_eq!(
            Address::parse("file:///var/log"),
            Some(Address::Folder("/var/log".into()))
        );
    }
}
