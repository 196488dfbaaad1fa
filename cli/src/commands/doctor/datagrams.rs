//! Addresses that receive datagrams: UDP and Unix sockets.

use super::address::SocketKind;
use super::finding::Checks;
use std::io;
use std::net::{ToSocketAddrs, UdpSocket};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::time::Duration;

const NAME: &str = "dogstatsd";
/// The test datagram: a marked count of 0.
const TEST: &[u8] = b"instrumental.doctor:0|c|#instrumental.doctor:true\n";
/// How long to wait for the ICMP message that rejects a datagram.
const REFUSAL: Duration = Duration::from_millis(300);

/// Sends one datagram. UDP does not confirm delivery, but the system reports if nothing listens on a local port.
pub(super) fn udp(host: &str, port: u16, checks: &mut Checks) {
    match send(host, port) {
        Ok(to) => checks.ok(
            NAME,
            format!("sent one datagram to {to}; UDP does not confirm delivery"),
        ),
        Err(why) => {
            checks.mark_unreachable(NAME);
            checks.fail(
                NAME,
                format!("udp://{host}:{port}: {why}"),
                "start the Agent with DogStatsD on (`use_dogstatsd: true`, and DD_DOGSTATSD_NON_LOCAL_TRAFFIC=true in \
                 a container, with `-p 8125:8125/udp`), or set DD_DOGSTATSD_URL",
            );
        }
    }
}

fn send(host: &str, port: u16) -> Result<String, String> {
    let addresses = (host, port).to_socket_addrs();
    let address = addresses.ok().and_then(|mut found| found.next());
    let address = address.ok_or_else(|| format!("unknown host {host} (DNS)"))?;
    let any = if address.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let exchange = || {
        let socket = UdpSocket::bind(any)?;
        socket.connect(address)?;
        socket.set_read_timeout(Some(REFUSAL))?;
        socket.send(TEST)?;
        match socket.recv(&mut [0; 16]) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Err(error),
            _ => Ok(()),
        }
    };
    match exchange() {
        Ok(()) => Ok(address.to_string()),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Err("nothing listens there".into())
        }
        Err(error) => Err(error.kind().to_string()),
    }
}

/// Checks a Unix socket: its file, its kind, and its permissions.
pub(super) fn unix(
    name: &'static str,
    path: &Path,
    kind: SocketKind,
    offline: bool,
    checks: &mut Checks,
) {
    let shown = path.display();
    let why = match file(path) {
        Err(why) => Some(why),
        Ok(()) if offline => {
            return checks.ok(
                name,
                format!(
                    "{shown} is a socket{}; no connection (--offline)",
                    of_kind(path)
                ),
            );
        }
        Ok(()) => connect(path, kind).err(),
    };
    let Some(why) = why else {
        return checks.ok(
            name,
            format!(
                "{shown} is a socket{} and accepts connections",
                of_kind(path)
            ),
        );
    };
    checks.mark_unreachable(name);
    checks.fail(
        name,
        format!("{shown}: {why}"),
        "compare the path with the Agent's (`dogstatsd_socket`, `apm_config.receiver_socket`); in a container, mount \
         its folder; let the program's user write to it",
    );
}

fn file(path: &Path) -> Result<(), String> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err("no such file".into()),
        Err(error) => Err(error.kind().to_string()),
        Ok(found) if !found.file_type().is_socket() => Err("not a socket".into()),
        Ok(_) => Ok(()),
    }
}

/// Returns the kind of a socket, if the system reports it.
fn of_kind(path: &Path) -> &'static str {
    let Ok(sockets) = std::fs::read_to_string("/proc/net/unix") else {
        return "";
    };
    let path = path.to_string_lossy();
    let line = sockets.lines().find(|line| line.ends_with(&*path));
    match line.and_then(|line| line.split_whitespace().nth(4)) {
        Some("0001") => " for a stream",
        Some("0002") => " for datagrams",
        _ => "",
    }
}

fn connect(path: &Path, kind: SocketKind) -> Result<(), String> {
    let datagrams = || UnixDatagram::unbound()?.connect(path);
    let stream = || UnixStream::connect(path).map(drop);
    let result = match kind {
        SocketKind::Datagrams => datagrams(),
        SocketKind::Stream => stream(),
        SocketKind::Any => datagrams().or_else(|_| stream()),
    };
    result.map_err(|error| match (error.kind(), kind) {
        (io::ErrorKind::ConnectionRefused, _) => {
            "nothing listens; the Agent that created it has exited".into()
        }
        (io::ErrorKind::PermissionDenied, _) => "this user has no permission to write to it".into(),
        // The kinds differ (EPROTOTYPE, which the standard library has no name for).
        (_, SocketKind::Datagrams) => {
            format!("not a socket for datagrams ({error}): use `unixstream://`")
        }
        (_, SocketKind::Stream) => {
            format!("not a socket for a stream ({error}): use `unixgram://`")
        }
        (other, SocketKind::Any) => other.to_string(),
    })
}
