//! A program, its backends on loopback, and `cargo instrumental` run against them.

use instrumental_tests::stub::{Mode, Stub};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

/// The key of the DSN, which must never be printed.
pub(crate) const KEY: &str = "0123456789abcdeffedcba9876543210";
/// A key of the collector, which must never be printed either.
pub(crate) const TOKEN: &str = "tok-77ab19c4";

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_doctored");

/// Builds `cargo-instrumental` once, in the profile of this test, and returns its path.
fn tool() -> &'static PathBuf {
    static TOOL: OnceLock<PathBuf> = OnceLock::new();
    TOOL.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args([
                "build",
                "-p",
                "instrumental-cli",
                "--message-format=json-render-diagnostics",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo runs");
        assert!(built.status.success(), "the tool does not build");
        let messages = String::from_utf8_lossy(&built.stdout).into_owned();
        let messages = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut built =
            messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
        built.next_back().expect("cargo names the program")
    })
}

/// A complete HTTP response, dated `ahead` seconds in the future.
pub(crate) fn answer(status: &str, headers: &str, body: &str, ahead: i64) -> String {
    format!(
        "HTTP/1.1 {status}\r\nDate: {}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        http_date(ahead),
        body.len()
    )
}

/// The current time plus `ahead` seconds, as an HTTP date.
fn http_date(ahead: i64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970");
    let at = now.as_secs() as i64 + ahead;
    let (mut days, second) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    let is_leap = |year: i64| year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
    let mut year = 1970;
    while days >= 365 + i64::from(is_leap(year)) {
        days -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let mut month = 0;
    for length in [
        31,
        28 + i64::from(is_leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute) = (second / 3600, second / 60 % 60);
    // The day of the week is not checked.
    format!(
        "Mon, {:02} {} {year} {hour:02}:{minute:02}:{:02} GMT",
        days + 1,
        MONTHS[month],
        second % 60
    )
}

pub(crate) fn sentry(head: &str) -> String {
    sentry_at(head, 0)
}

/// Sentry with a clock that is ahead by so many seconds.
pub(crate) fn sentry_at(head: &str, ahead: i64) -> String {
    match head.starts_with("post ") {
        true => answer("200 OK", "", "{}", ahead),
        false => answer("405 Method Not Allowed", "", "", ahead),
    }
}

pub(crate) fn agent(head: &str) -> String {
    if head.starts_with("get /info ") {
        return answer(
            "200 OK",
            "",
            r#"{"version":"7.70.0","endpoints":["/v0.3/traces","/v0.4/traces","/v0.5/traces"]}"#,
            0,
        );
    }
    answer("200 OK", "", r#"{"rate_by_service":{}}"#, 0)
}

fn collector(_: &str) -> String {
    answer("200 OK", "", "", 0)
}

/// The backends that a healthy program needs, and its environment.
pub(crate) struct Setup {
    pub(crate) sentry: Stub,
    pub(crate) agent: Stub,
    pub(crate) collector: Stub,
    pub(crate) statsd: UdpSocket,
    pub(crate) folder: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Setup {
    pub(crate) fn healthy() -> Self {
        let [sentry, agent, collector] = [sentry as fn(&str) -> String, agent, collector]
            .map(|respond| Stub::start(Mode::Respond(respond)));
        let statsd = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let folder = folder();
        let mut setup = Self {
            sentry,
            agent,
            collector,
            statsd,
            folder,
            environment: BTreeMap::new(),
        };
        let (sentry, agent, collector) = (
            setup.sentry.address(),
            setup.agent.address(),
            setup.collector.address(),
        );
        let statsd = setup.statsd.local_addr().expect("bound");
        setup.set("SENTRY_DSN", &format!("http://{KEY}@{sentry}/42"));
        setup.set("DD_TRACE_AGENT_URL", &format!("http://{agent}"));
        setup.set("DD_DOGSTATSD_URL", &format!("udp://{statsd}"));
        setup.set(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            &format!("http://{collector}"),
        );
        setup.set(
            "OTEL_EXPORTER_OTLP_HEADERS",
            &format!("authorization=Bearer%20{TOKEN}"),
        );
        setup.set("LOG_DIR", &setup.folder.join("logs").display().to_string());
        setup.set("LOG_FORMAT", "json");
        setup
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.into(), value.into());
    }

    /// Runs `cargo instrumental` on the program.
    pub(crate) fn run(&self, arguments: &[&str]) -> Report {
        self.run_on(&["--exe", PROGRAM], arguments)
    }

    pub(crate) fn run_on(&self, program: &[&str], arguments: &[&str]) -> Report {
        let output = Command::new(tool())
            .args(arguments)
            .args(program)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TMPDIR", &self.folder)
            .envs(&self.environment)
            .output()
            .expect("the tool starts");
        Report {
            code: output.status.code().unwrap_or(-1),
            text: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs `doctor --json`.
    pub(crate) fn doctor(&self, arguments: &[&str]) -> Report {
        self.run(&[&["doctor", "--json"], arguments].concat())
    }
}

impl Drop for Setup {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A new folder for one test.
fn folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "instrumental-doctor-{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Relaxed)
    );
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The exit code and the output of the tool.
pub(crate) struct Report {
    pub(crate) code: i32,
    pub(crate) text: String,
    pub(crate) errors: String,
}

impl Report {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.text, self.errors))
    }

    /// The checks, or lines, that match `wanted`.
    pub(crate) fn all(&self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let json = self.json();
        let checks = json["checks"].as_array().expect("checks").iter();
        checks.filter(|check| wanted(check)).cloned().collect()
    }

    /// Names of the checks with a finding.
    pub(crate) fn found(&self) -> Vec<String> {
        let found = self.all(|check| matches!(check["verdict"].as_str(), Some("warn" | "fail")));
        found
            .iter()
            .map(|check| check["name"].as_str().expect("a name").to_owned())
            .collect()
    }

    pub(crate) fn check(&self, name: &str) -> Value {
        let mut found = self.all(|check| check["name"] == name);
        assert_eq!(found.len(), 1, "{name} in {}", self.text);
        found.remove(0)
    }
}

/// A running service, killed when dropped.
pub(crate) struct Service {
    pub(crate) url: String,
    pub(crate) metrics: String,
    child: Child,
    _input: ChildStdin,
}

impl Service {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .arg("serve")
            .args(arguments)
            .env_clear()
            .envs([
                ("PROMETHEUS_PORT", "0"),
                ("LOG_FORMAT", "json"),
                ("LOG_LEVEL", "error"),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let input = child.stdin.take().expect("piped");
        let (mut url, mut metrics) = (String::new(), String::new());
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        for line in lines.by_ref().map_while(Result::ok) {
            match line.split_once(' ') {
                Some(("service", at)) => url = at.to_owned(),
                Some(("metrics", at)) => metrics = at.to_owned(),
                _ if line == "ready" => break,
                _ => {}
            }
        }
        // Drains the output, so that the service never blocks on it.
        std::thread::spawn(move || lines.for_each(drop));
        assert!(
            !url.is_empty() && !metrics.is_empty(),
            "the service prints its addresses"
        );
        Self {
            url,
            metrics,
            child,
            _input: input,
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The datagrams received so far.
pub(crate) fn datagrams(socket: &UdpSocket) -> String {
    socket
        .set_read_timeout(Some(Duration::from_millis(50)))
        .expect("a socket");
    let mut all = String::new();
    let mut datagram = [0; 65_536];
    while let Ok(len) = socket.recv(&mut datagram) {
        all.push_str(&String::from_utf8_lossy(&datagram[..len]));
    }
    all
}
