//! Every backend on, sending to a receiver on loopback that discards everything.

use crate::measure::calls;
use crate::ours;
use crate::scenario::{
    ASYNC, OURS, OURS_ASYNC, OURS_FIELD, OURS_FIELD_ASYNC, SYNC, Scenario, captured, child, of,
};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

/// Starts a receiver that responds with 200 to every request.
fn receiver() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    let datagrams = UdpSocket::bind(address)?;
    std::thread::spawn(move || {
        let mut datagram = [0; 65_536];
        while datagrams.recv(&mut datagram).is_ok() {}
    });
    Ok(address)
}

fn serve(mut stream: TcpStream) -> Option<()> {
    let mut read = Vec::new();
    let mut part = vec![0; 1 << 20];
    loop {
        let head = loop {
            if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            let len = stream.read(&mut part).ok().filter(|len| *len > 0)?;
            read.extend_from_slice(&part[..len]);
        };
        let text = String::from_utf8_lossy(&read[..head]).to_ascii_lowercase();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length?.trim().parse().ok()?;
        let mut left = (head + length).saturating_sub(read.len());
        while left > 0 {
            let len = stream.read(&mut part).ok().filter(|len| *len > 0)?;
            left = left.saturating_sub(len);
        }
        read.clear();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .ok()?;
    }
}

/// A builder with OTLP to the address.
fn otlp(address: SocketAddr) -> instrumental::Builder {
    instrumental::builder()
        .trace_tree(false)
        .summary(false)
        .log_filter("off")
        .otlp(instrumental::Otlp::default().endpoint(format!("http://{address}")))
}

/// A builder with every backend at the address. The live view is on by default.
fn builder(address: SocketAddr) -> instrumental::Builder {
    let datadog = instrumental::Datadog::default()
        .agent(format!("http://{address}"))
        .statsd(format!("udp://{address}"));
    let sentry = instrumental::Sentry::default().dsn(format!("http://key@{address}/1"));
    otlp(address)
        .datadog(datadog)
        .sentry(sentry)
        .prometheus(SocketAddr::from(([127, 0, 0, 1], 0)))
}

pub(crate) fn install() -> Box<dyn FnMut()> {
    let telemetry = receiver().map(|address| builder(address).init());
    match telemetry {
        Ok(Ok(telemetry)) => Box::new(move || {
            let _ = telemetry.flush(Duration::from_secs(5));
        }),
        Ok(Err(error)) => panic!("{error}"),
        Err(error) => panic!("{error}"),
    }
}

/// Prints what did not reach a backend.
pub(crate) fn print_failures() {
    for backend in instrumental::health() {
        let accounts = backend.accounts.values();
        let dropped: u64 = accounts.flat_map(|account| account.dropped.values()).sum();
        if dropped > 0 || backend.failures > 0 {
            eprintln!(
                "{}: {dropped} dropped, {} failures",
                backend.backend, backend.failures
            );
        }
    }
}

/// The CPU time of this process.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks: u64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|n| n.parse::<u64>().ok())
        .sum();
    // Linux counts in units of 10 ms.
    Duration::from_millis(ticks * 10)
}

/// Spans per request, each with a field and metrics.
const SPANS: u64 = 10;

fn request(spans: u64) {
    ours::parent(spans, |calls| {
        for x in 0..calls {
            let _ = std::hint::black_box(ours::with_field(std::hint::black_box(x)));
        }
    });
}

/// Finds the highest rate of spans that are all delivered by OTLP, and their cost. Each rate has three attempts, because
/// other programs may delay the threads.
pub(crate) fn throughput() {
    let address = receiver().expect("a port");
    let telemetry = otlp(address).init().expect("valid");
    for per_second in [
        50_000, 100_000, 200_000, 300_000, 400_000, 500_000, 600_000, 800_000, 1_000_000,
    ] {
        let mut tried = at_rate(per_second, &telemetry);
        for _ in 0..2 {
            if !tried.1 {
                tried = at_rate(per_second, &telemetry);
            }
        }
        println!("{}", tried.0);
        if !tried.1 {
            return;
        }
    }
}

/// Makes spans at the given rate for three seconds. Returns a line with the result, and whether all were delivered.
fn at_rate(per_second: u64, telemetry: &instrumental::Telemetry) -> (String, bool) {
    let (before, cpu_before, lost_before) = (delivered(), cpu(), lost());
    let begun = Instant::now();
    let mut made = 0;
    while begun.elapsed() < Duration::from_secs(3) {
        let due = (begun.elapsed().as_secs_f64() * per_second as f64) as u64;
        while made < due {
            request(SPANS - 1);
            made += SPANS;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    let _ = telemetry.flush(Duration::from_secs(10));
    let used = cpu() - cpu_before;
    let arrived = delivered() - before;
    let line = format!(
        "{per_second} spans/s requested: {made} made, {arrived} delivered, {:.2} µs of processor a span, {:.0} spans/s/core{}",
        used.as_secs_f64() * 1e6 / made as f64,
        made as f64 / used.as_secs_f64(),
        since(&lost_before)
    );
    (line, arrived == made)
}

fn span_accounts() -> Vec<instrumental::Account> {
    let health = instrumental::health();
    let accounts = health
        .iter()
        .filter_map(|backend| backend.accounts.get(&instrumental::Signal::Spans));
    accounts.cloned().collect()
}

fn delivered() -> u64 {
    span_accounts()
        .iter()
        .map(|account| account.delivered)
        .sum()
}

/// The lost records by reason. A span with fields has two.
fn lost() -> BTreeMap<&'static str, u64> {
    let mut lost = BTreeMap::new();
    for (reason, count) in instrumental::lost() {
        *lost.entry(reason.as_str()).or_default() += count;
    }
    for (reason, count) in span_accounts()
        .into_iter()
        .flat_map(|account| account.dropped)
    {
        *lost.entry(reason).or_default() += count;
    }
    lost
}

/// The losses since `before`, as text.
fn since(before: &BTreeMap<&'static str, u64>) -> String {
    let mut text = String::new();
    for (reason, count) in lost() {
        let count = count - before.get(reason).unwrap_or(&0);
        if count > 0 {
            text += &format!(", lost {count} records: {reason}");
        }
    }
    text
}

/// Measures the memory of telemetry while every backend is down.
pub(crate) fn down(seconds: &str) {
    let seconds: u64 = seconds.parse().expect("seconds");
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("bound")
    };
    let before = crate::machine::in_use();
    let _telemetry = builder(address).init().expect("valid");
    let (begun, mut made, mut most) = (Instant::now(), 0_u64, 0);
    while begun.elapsed() < Duration::from_secs(seconds) {
        let due = (begun.elapsed().as_secs_f64() * 50_000.0) as u64;
        while made < due {
            request(SPANS - 1);
            made += SPANS;
        }
        most = most.max(crate::machine::in_use() - before);
        std::thread::sleep(Duration::from_micros(500));
    }
    println!(
        "{made} spans in {seconds} s with every backend down: {:.1} MiB at most",
        most as f64 / f64::from(1 << 20)
    );
    for backend in instrumental::health() {
        println!("{}: {:?}", backend.backend, backend.accounts);
    }
    println!("{:?}", instrumental::lost());
    std::process::exit(0);
}

/// The scenarios with every backend on.
pub(crate) fn backends() -> Vec<Scenario> {
    vec![
        of(
            "all",
            "**`#[traced]`, every backend on**",
            install,
            child!(OURS),
            SYNC,
        ),
        of(
            "all-field",
            "**`#[traced(x)]`, every backend on**",
            install,
            child!(OURS_FIELD),
            SYNC,
        ),
        of(
            "all-async",
            "**`#[traced]` async, every backend on**",
            install,
            child!(OURS_ASYNC),
            ASYNC,
        ),
        of(
            "all-field-async",
            "**`#[traced(x)]` async, every backend on**",
            install,
            child!(OURS_FIELD_ASYNC),
            ASYNC,
        ),
        captured(
            "captured",
            "**`#[traced] #[capture_errors]`, error reported, every backend on**",
            install,
            calls!(ours::captured),
            calls!(ours::captured_alone),
        ),
    ]
}
