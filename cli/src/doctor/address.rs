//! Addresses of backends, as the manifest has them.

use crate::manifest::{Backend, Config};
use std::path::PathBuf;

/// Where something is sent to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Address {
    Http(Url),
    Udp(String, u16),
    Tcp(String, u16),
    /// A Unix socket: of datagrams, of a stream, or of either kind.
    Unix(PathBuf, SocketKind),
    Folder(PathBuf),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum SocketKind {
    Any,
    Datagrams,
    Stream,
}

/// A URL that was taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Url {
    pub(super) https: bool,
    /// Without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// With a slash at its beginning, without one at its end.
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

    /// The same host with another path.
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

/// The backend of this name, where it is on.
pub(crate) fn backend<'a>(config: &'a Config, name: &str) -> Option<&'a Backend> {
    config.backends.iter().find(|backend| backend.name == name)
}

/// Addresses of a backend, each once, with the signals that go there.
pub(super) fn addresses(backend: &Backend) -> Vec<(Vec<&str>, &str, Option<Address>)> {
    let mut found: Vec<(Vec<&str>, &str, Option<Address>)> = Vec::new();
    for endpoint in &backend.endpoints {
        match found
            .iter_mut()
            .find(|(_, address, _)| *address == endpoint.address)
        {
            Some((signals, ..)) => signals.push(&endpoint.signal),
            None => found.push((
                vec![&endpoint.signal],
                &endpoint.address,
                Address::parse(&endpoint.address),
            )),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
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
