//! R18: forked processes that do not execute another program.

use crate::common::{Outcome, process, work};
use fork::{Fork, fork, waitpid_nohang};
use instrumental::{Telemetry, capture_message, traced};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

const CHILDREN: usize = 50;

/// First called in a child process.
#[traced(id)]
fn only_in_children(id: u32) -> u32 {
    id
}

/// Runs a child process to its end.
fn child(telemetry: Telemetry) -> ! {
    let begun = Instant::now();
    for id in 0..1000 {
        let _ = work(only_in_children(id));
        process::done().increment(1);
        process::by_city(instrumental::Bounded::new("a child's")).increment(1);
        tracing::info_span!("of a child").in_scope(|| tracing::info!(id, "of a child"));
    }
    capture_message("of a child", instrumental::Level::Error);
    let waited = telemetry.flush(Duration::from_secs(60)).is_ok();
    drop(telemetry);
    // The target is 1 s; the limit is higher because other tests run at the same time.
    let slow = begun.elapsed() > Duration::from_secs(5);
    std::process::exit(i32::from(waited) | i32::from(slow) << 1)
}

/// Forks children while other threads record telemetry.
pub(crate) fn forks() -> Outcome {
    let mut telemetry = Some(instrumental::init()?);
    let (made, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| -> Outcome {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(SeqCst) {
                    let n = made.fetch_add(1, SeqCst);
                    process::done().increment(1);
                    let _ = work(1);
                    tracing::info!(n, "of the parent");
                    std::thread::park_timeout(Duration::from_micros(100));
                }
            });
        }
        let ended = (0..CHILDREN).try_for_each(|_| match fork()? {
            Fork::Child => match telemetry.take() {
                Some(telemetry) => child(telemetry),
                None => std::process::exit(4),
            },
            Fork::Parent(id) => wait(id),
        });
        stop.store(true, SeqCst);
        ended
    })?;
    drop(telemetry);
    eprintln!("made {}", made.load(SeqCst));
    Ok(())
}

/// Waits for a child, which must exit with 0.
fn wait(id: i32) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match waitpid_nohang(id)? {
            Some(0) => return Ok(()),
            Some(status) => return Err(format!("a child ended with {status:#x}").into()),
            None if Instant::now() > deadline => {
                let id = id.to_string();
                std::process::Command::new("kill")
                    .args(["-9", &id])
                    .status()?;
                return Err("a child hangs".into());
            }
            None => std::thread::park_timeout(Duration::from_millis(1)),
        }
    }
}
