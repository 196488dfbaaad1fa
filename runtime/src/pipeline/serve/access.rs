//! The access check of every page: which hosts and origins are served.
//!
//! A website in the operator's browser can send requests to this machine in two ways: under this server's own name, as a
//! cross-site request, which browsers mark with `Sec-Fetch-Site` and `Origin`; or under the website's own name, whose DNS
//! record then points to this machine (DNS rebinding), which only the `Host` header reveals. Therefore:
//!
//! - A request that a browser marks as coming from another origin is refused.
//! - If a listener is bound to a loopback address, the host must be `localhost` or a loopback address, with any port: a
//!   tunnel may use another one. A request without `Host` is served if it is HTTP/1.0, which browsers do not use.
//! - If the operator bound another address, any host is accepted. Clients reach the process by names that it cannot know
//!   (those of services, load balancers and DNS), and any client on that network may read the page anyway; profiles are
//!   not served there. Jupyter and Syncthing apply the same rule.

use hyper::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use hyper::http::request::Parts;
use hyper::{StatusCode, Version};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where a listener can be reached from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reach {
    /// From this machine only: it is bound to a loopback address.
    Loopback,
    /// From other machines.
    Network,
}

impl Reach {
    pub(super) fn of(bound: &SocketAddr) -> Self {
        if bound.ip().to_canonical().is_loopback() {
            Self::Loopback
        } else {
            Self::Network
        }
    }
}

/// The response to a refused request.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal(pub(super) StatusCode, pub(super) &'static str);

const NO_HOST: Refusal = Refusal(
    StatusCode::BAD_REQUEST,
    "expected one valid Host header (RFC 9112, 3.2)\n",
);
const WRONG_HOST: Refusal = Refusal(
    StatusCode::FORBIDDEN,
    "host not allowed: this page is served at http://localhost and http://127.0.0.1 only\n",
);
const CROSS_ORIGIN: Refusal = Refusal(
    StatusCode::FORBIDDEN,
    "cross-origin request not allowed: open this page directly\n",
);

/// Checks a request's host and origin.
///
/// # Errors
/// If the request must not be served.
pub(super) fn check(request: &Parts, reach: Reach) -> Result<(), Refusal> {
    let given = only(&request.headers, &HOST).map_err(|_| NO_HOST)?;
    if given.is_none() && request.version >= Version::HTTP_11 {
        return Err(NO_HOST);
    }
    // A target in absolute form replaces the header (RFC 9112, 3.2.2), but both must be allowed.
    let of_target = request.uri.authority().map(|authority| authority.as_str());
    for authority in [given, of_target].into_iter().flatten() {
        let host = host(authority).ok_or(NO_HOST)?;
        if reach == Reach::Loopback && !is_local(host) {
            return Err(WRONG_HOST);
        }
    }
    let site = only(&request.headers, &SEC_FETCH_SITE).map_err(|_| CROSS_ORIGIN)?;
    let origin = only(&request.headers, &ORIGIN).map_err(|_| CROSS_ORIGIN)?;
    let is_same_origin = matches!(site, None | Some("same-origin" | "none"))
        && origin.is_none_or(|origin| is_same(origin, of_target.or(given)));
    if is_same_origin {
        Ok(())
    } else {
        Err(CROSS_ORIGIN)
    }
}

/// Returns a header's value. Fails if there are several, or it is not text.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        _ => Err(()),
    }
}

/// Returns the host of `host` or `host:port`, or `None` if it is not one. An IPv6 address keeps its brackets.
fn host(authority: &str) -> Option<&str> {
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(end);
    let is_port = match port.strip_prefix(':') {
        Some(digits) => digits.is_empty() || digits.parse::<u16>().is_ok(),
        None => port.is_empty(),
    };
    let is_host = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(is_name_byte),
    };
    (is_port && is_host).then_some(host)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

/// Returns whether a host can only be this machine. Other spellings of an address (`127.1`, `0x7f000001`) are refused:
/// browsers normalize them.
fn is_local(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return address.to_canonical().is_loopback();
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    name.eq_ignore_ascii_case("localhost")
}

/// Returns whether an origin has the requested authority. Its scheme may be `https`, because a proxy may terminate TLS.
fn is_same(origin: &str, requested: Option<&str>) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        // Browsers send `null` for sandboxed frames, files and redirects across origins.
        return false;
    };
    let default_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let bare = |authority: &str| {
        let authority = authority.strip_suffix(default_port).unwrap_or(authority);
        authority.to_ascii_lowercase()
    };
    requested.is_some_and(|requested| bare(requested) == bare(authority))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn status_of(version: Version, uri: &str, headers: &[(&str, &str)], reach: Reach) -> u16 {
        let mut request = Request::builder().version(version).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        check(&parts, reach).map_or_else(|refusal| refusal.0.as_u16(), |()| 200)
    }

    fn with(headers: &[(&str, &str)]) -> u16 {
        status_of(Version::HTTP_11, "/metrics", headers, Reach::Loopback)
    }

    #[test]
    fn f44_a_loopback_listener_serves_local_hosts_only() {
        for (host, status) in [
            ("localhost", 200),
            ("localhost:9463", 200),
            ("LocalHost:80", 200),
            ("localhost.", 200),
            ("localhost.:9464", 200),
            ("127.0.0.1", 200),
            ("127.0.0.1:9464", 200),
            ("127.8.8.8:9464", 200),
            ("[::1]", 200),
            ("[::1]:9463", 200),
            ("[0:0:0:0:0:0:0:1]:9463", 200),
            ("[::ffff:127.0.0.1]:9463", 200),
            ("localhost:", 200),
            ("evil.example", 403),
            ("evil.example:9464", 403),
            ("localhost.evil.example:9463", 403),
            ("127.0.0.1.evil.example", 403),
            ("evil.localhost", 403),
            ("localhost..", 403),
            ("notlocalhost", 403),
            ("0.0.0.0:9464", 403),
            ("10.0.0.5", 403),
            ("[::]", 403),
            ("[2001:db8::1]:9464", 403),
            ("127.1", 403),
            ("2130706433", 403),
            ("", 400),
            (":9464", 400),
            ("::1", 400),
            ("[::1", 400),
            ("[::1]evil.example", 400),
            ("[localhost]", 400),
            ("localhost:80:80", 400),
            ("localhost:99999", 400),
            ("localhost:evil", 400),
            ("user@localhost", 400),
            ("localhost/evil.example", 400),
            ("localhost, evil.example", 400),
            ("localhost evil.example", 400),
        ] {
            assert_eq!(with(&[("host", host)]), status, "{host}");
        }
        assert_eq!(
            with(&[("host", "localhost"), ("host", "evil.example")]),
            400
        );
    }

    #[test]
    fn f44_only_http_1_0_requests_may_omit_the_host() {
        let none = &[];
        assert_eq!(status_of(Version::HTTP_10, "/", none, Reach::Loopback), 200);
        assert_eq!(status_of(Version::HTTP_11, "/", none, Reach::Loopback), 400);
        assert_eq!(status_of(Version::HTTP_11, "/", none, Reach::Network), 400);
        let evil = &[("host", "evil.example")];
        assert_eq!(status_of(Version::HTTP_10, "/", evil, Reach::Loopback), 403);
    }

    #[test]
    fn f44_the_host_of_an_absolute_target_is_checked_too() {
        for (uri, host, status) in [
            ("http://localhost:9463/", "localhost:9463", 200),
            ("http://evil.example/", "localhost:9463", 403),
            ("http://localhost:9463/", "evil.example", 403),
        ] {
            let headers = &[("host", host)];
            let got = status_of(Version::HTTP_11, uri, headers, Reach::Loopback);
            assert_eq!(got, status, "{uri} {host}");
        }
    }

    #[test]
    fn f44_a_network_listener_serves_any_host_but_no_other_origin() {
        for (host, status) in [
            ("shop.default.svc:9464", 200),
            ("10.0.0.5:9464", 200),
            ("metrics.example.com", 200),
            ("user@metrics.example.com", 400),
        ] {
            let headers = &[("host", host)];
            let got = status_of(Version::HTTP_11, "/metrics", headers, Reach::Network);
            assert_eq!(got, status, "{host}");
        }
        let other = &[("host", "shop:9464"), ("origin", "http://evil.example")];
        assert_eq!(
            status_of(Version::HTTP_11, "/metrics", other, Reach::Network),
            403
        );
    }

    #[test]
    fn f44_a_request_from_another_origin_is_refused() {
        let host = ("host", "localhost:9463");
        for (name, value, status) in [
            ("sec-fetch-site", "same-origin", 200),
            ("sec-fetch-site", "none", 200),
            ("sec-fetch-site", "cross-site", 403),
            ("sec-fetch-site", "same-site", 403),
            ("sec-fetch-site", "Same-Origin", 403),
            ("sec-fetch-site", "", 403),
            ("origin", "http://localhost:9463", 200),
            ("origin", "http://LOCALHOST:9463", 200),
            ("origin", "https://localhost:9463", 200),
            ("origin", "null", 403),
            ("origin", "", 403),
            ("origin", "http://localhost", 403),
            ("origin", "http://localhost:3000", 403),
            ("origin", "http://127.0.0.1:9463", 403),
            ("origin", "http://evil.example", 403),
            ("origin", "http://localhost:9463.evil.example", 403),
            ("origin", "chrome-extension://localhost:9463", 403),
        ] {
            assert_eq!(with(&[host, (name, value)]), status, "{name}: {value}");
        }
        let both = [host, ("sec-fetch-site", "same-origin"), ("origin", "null")];
        assert_eq!(with(&both), 403);
        let twice = [
            host,
            ("sec-fetch-site", "none"),
            ("sec-fetch-site", "cross-site"),
        ];
        assert_eq!(with(&twice), 403);
        assert_eq!(
            with(&[("host", "localhost"), ("origin", "http://localhost:80")]),
            200
        );
    }
}
