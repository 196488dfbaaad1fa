//! Calls continue while every backend is unreachable.

use crate::accounts::{accounts, work};
use instrumental::{Telemetry, traced};
use std::error::Error;
use std::time::{Duration, Instant};

/// Spans per request.
const SPANS: u64 = 10;

#[traced(id, note)]
fn request(id: u32, note: &str) {
    tracing::info!(id, note, "a line");
    for n in 0..SPANS as u32 - 1 {
        let _ = work(id * 9 + n);
    }
}

/// Resident memory in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
    number.unwrap_or(0)
}

/// Makes requests with `count` spans in total at the given rate, or at full speed if it is zero.
fn spans(count: u64, spans_per_second: u64) {
    let begun = Instant::now();
    // A long field fills the queues sooner: they are bounded in bytes.
    let note = "x".repeat(1000);
    for n in 0..count / SPANS {
        request(n as u32, &note);
        if spans_per_second > 0 && n % 100 == 0 {
            let due = Duration::from_secs_f64((n * SPANS) as f64 / spans_per_second as f64);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
    }
}

/// `outage SPANS SPANS_PER_SECOND`: prints the memory growth after each quarter.
pub(crate) fn run(
    telemetry: Telemetry,
    arguments: impl Iterator<Item = String>,
) -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u64> = arguments.filter_map(|n| n.parse().ok()).collect();
    let [count, spans_per_second] = numbers[..] else {
        return Err("outage SPANS SPANS_PER_SECOND".into());
    };
    let before = resident();
    for quarter in 1..=4 {
        spans(count / 4, spans_per_second);
        eprintln!("quarter_{quarter} {}", resident().saturating_sub(before));
    }
    let begun = Instant::now();
    let done = telemetry.shutdown_blocking(Duration::from_secs(1));
    eprintln!("shutdown {} {}", begun.elapsed().as_millis(), done.is_ok());
    eprint!("{}", accounts());
    Ok(())
}
