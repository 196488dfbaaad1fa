//! Where metrics are sent as datagrams: UDP, or a Unix socket.

use super::address::SocketKind;
use super::finding::Checks;
use std::io;
use std::net::{ToSocketAddrs, UdpSocket};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::time::Duration;

const NAME: &str = "dogstatsd";
/// What is sent: a metric of no value, marked.
const TEST: &[u8] = b"instrumental.doctor:0|c|#instrumental.doctor:true\n";
/// How long the refusal of a datagram may take to come back.
const REFUSAL: Duration = Duration::from_millis(300);

/// Sends one datagram. UDP tells nobody whether it was taken; that nothing listens is told, if the machine is near.
pub(super) fn udp(host: &str, port: u16, checks: &mut Checks) {
    match send(host, port) {
        Ok(to) => checks.ok(
            NAME,
            format!("one datagram sent to {to}; whether it was taken, UDP does not tell"),
        ),
        Err(why) => {
            checks.bar(NAME);
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
    let address = address.ok_or_else(|| format!("the host {host} is not known (DNS)"))?;
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

/// What is known of a Unix socket: its file, its kind, and whether it may be used.
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
                    "{shown} is a socket{}; not connected to (--offline)",
                    of_kind(path)
                ),
            );
        }
        Ok(()) => connect(path, kind).err(),
    };
    let Some(why) = why else {
        return checks.ok(
            name,
            format!("{shown} is a socket{} and takes connections", of_kind(path)),
        );
    };
    checks.bar(name);
    checks.fail(
        name,
        format!("{shown}: {why}"),
        "compare the path with the Agent's (`dogstatsd_socket`, `apm_config.receiver_socket`); in a container, mount \
         its folder; let the program's user write to it",
    );
}

fn file(path: &Path) -> Result<(), String> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err("there is no such file".into())
        }
        Err(error) => Err(error.kind().to_string()),
        Ok(found) if !found.file_type().is_socket() => Err("it is no socket".into()),
        Ok(_) => Ok(()),
    }
}

/// ` of datagrams` or ` of a stream`, where the system tells.
fn of_kind(path: &Path) -> &'static str {
    let Ok(sockets) = std::fs::read_to_string("/proc/net/unix") else {
        return "";
    };
    let path = path.to_string_lossy();
    let line = sockets.lines().find(|line| line.ends_with(&*path));
    match line.and_then(|line| line.split_whitespace().nth(4)) {
        Some("0001") => " of a stream",
        Some("0002") => " of datagrams",
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
            "nothing listens: it was left by an Agent that is gone".into()
        }
        (io::ErrorKind::PermissionDenied, _) => "this user may not write to it".into(),
        // The kinds are not the same (EPROTOTYPE has no name in the standard library).
        (_, SocketKind::Datagrams) => {
            format!("it is no socket of datagrams ({error}): say `unixstream://`")
        }
        (_, SocketKind::Stream) => {
            format!("it is no socket of a stream ({error}): say `unixgram://`")
        }
        (other, SocketKind::Any) => other.to_string(),
    })
}
