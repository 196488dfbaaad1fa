//! The pages of a running service, requested by clients of every kind (f44, f45).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running service and the addresses of its pages: `/metrics` first, then the live view.
struct Service {
    child: Child,
    pages: Vec<String>,
}

impl Service {
    fn start(environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_doctored"))
            .arg("serve")
            .env_clear()
            .envs([
                ("PROMETHEUS_PORT", "0"),
                ("LOG_FORMAT", "json"),
                ("RUST_LOG", "error"),
            ])
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let mut pages = Vec::new();
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        for line in lines.by_ref().map_while(Result::ok) {
            match line.strip_prefix("metrics http://") {
                Some(page) => pages.extend(page.strip_suffix("/metrics").map(str::to_owned)),
                None if line == "ready" => break,
                None => {}
            }
        }
        // Drains the output, so that the service never blocks on it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, pages }
    }

    fn connect(&self, at: usize) -> TcpStream {
        let address = self.pages[at].replace("0.0.0.0", "127.0.0.1");
        let stream = TcpStream::connect(address).expect("the service listens");
        let limit = Some(Duration::from_secs(30));
        stream.set_read_timeout(limit).expect("set");
        stream
    }

    /// The complete response to a request with the given headers.
    fn get(&self, at: usize, path: &str, headers: &str) -> String {
        let mut stream = self.connect(at);
        let request = format!("GET {path} HTTP/1.1\r\n{headers}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn status(&self, at: usize, path: &str, headers: &str) -> u16 {
        let answer = self.get(at, path, headers);
        let status = answer.split(' ').nth(1);
        status
            .and_then(|status| status.parse().ok())
            .expect("a status")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const LOCAL: &str = "Host: localhost:9464";

#[test]
fn f44_every_page_checks_hosts_and_origins() {
    let service = Service::start(&[("INSTRUMENTAL_LIVE", "0")]);
    for (at, path) in [
        (0, "/metrics"),
        (0, "/debug/pprof/profile?seconds=300"),
        (0, "/debug/flamegraph?seconds=300"),
        (1, "/"),
        (1, "/view.js"),
        (1, "/view.css"),
        (1, "/live.json"),
        (1, "/debug/pprof/profile?seconds=300"),
        (1, "/debug/flamegraph?seconds=300"),
    ] {
        for headers in [
            "Host: evil.example",
            "Host: evil.example:9464",
            "Host: localhost.evil.example",
            "Host: localhost\r\nOrigin: http://evil.example",
            "Host: localhost\r\nOrigin: null",
            "Host: localhost\r\nSec-Fetch-Site: cross-site",
            "Host: localhost\r\nSec-Fetch-Site: same-site",
        ] {
            assert_eq!(service.status(at, path, headers), 403, "{path} {headers}");
        }
    }
    for (at, path) in [(0, "/metrics"), (1, "/"), (1, "/live.json")] {
        for headers in [
            LOCAL,
            "Host: 127.0.0.1",
            "Host: [::1]:9464\r\nSec-Fetch-Site: none",
        ] {
            assert_eq!(service.status(at, path, headers), 200, "{path} {headers}");
        }
    }
    let metrics = service.get(0, "/metrics", LOCAL);
    assert!(
        metrics.contains("\r\ncontent-type: text/plain; version=0.0.4"),
        "{metrics}"
    );
}

#[test]
fn f44_a_public_page_accepts_any_host_and_has_no_profiles() {
    let service = Service::start(&[("OTEL_EXPORTER_PROMETHEUS_HOST", "0.0.0.0")]);
    for (path, headers, status) in [
        ("/metrics", "Host: shop.default.svc:9464", 200),
        (
            "/metrics",
            "Host: shop:9464\r\nOrigin: http://evil.example",
            403,
        ),
        ("/debug/pprof/profile?seconds=1", LOCAL, 404),
    ] {
        assert_eq!(service.status(0, path, headers), status, "{path} {headers}");
    }
}

#[test]
fn f44_a_profile_ends_with_its_client() {
    let service = Service::start(&[]);
    let (path, begun) = ("/debug/pprof/profile?seconds=300", Instant::now());
    let mut leaving = service.connect(0);
    write!(leaving, "GET {path} HTTP/1.1\r\n{LOCAL}\r\n\r\n").expect("sent");
    let short = "/debug/pprof/profile?seconds=1";
    while service.status(0, short, LOCAL) != 409 {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "the profile does not start"
        );
    }
    drop(leaving);
    let left = Instant::now();
    while service.status(0, short, LOCAL) != 200 {
        assert!(
            left.elapsed() < Duration::from_secs(30),
            "the profile does not end"
        );
        std::thread::park_timeout(Duration::from_millis(50));
    }
    // A profile does not keep the process alive either.
    let mut staying = service.connect(0);
    write!(staying, "GET {path} HTTP/1.1\r\n{LOCAL}\r\n\r\n").expect("sent");
    while service.status(0, short, LOCAL) != 409 {}
    let mut service = service;
    drop(service.child.stdin.take());
    let ended = Instant::now();
    while service.child.try_wait().expect("a child").is_none() {
        assert!(
            ended.elapsed() < Duration::from_secs(30),
            "the process does not end"
        );
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

/// Sends a request on a kept connection and reads the beginning of the response.
fn read_a_little(stream: &mut TcpStream) -> std::io::Result<usize> {
    write!(stream, "GET /metrics HTTP/1.1\r\n{LOCAL}\r\n\r\n")?;
    stream.read(&mut [0; 1 << 16])
}

#[test]
fn f45_slow_clients_do_not_stop_scrapes() {
    let service = Service::start(&[]);
    let mut greedy: Vec<_> = (0..64).map(|_| service.connect(0)).collect();
    for scrape in 0..55 {
        for stream in greedy.iter_mut().skip(scrape % 4).step_by(4) {
            if !read_a_little(stream).is_ok_and(|len| len > 0) {
                *stream = service.connect(0);
            }
        }
        assert_eq!(service.status(0, "/metrics", LOCAL), 200, "scrape {scrape}");
    }
}
