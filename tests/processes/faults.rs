//! A program whose backends fail: `faults SCENARIO`. It prints what became of its telemetry at the end.

mod accounts;
mod outage;
mod own;

use accounts::{accounts, work};
use instrumental::{health, traced};
use std::error::Error;
use std::io::BufRead;
use std::time::{Duration, Instant};

#[traced]
fn request(id: u32) {
    tracing::info!(id, "a line");
    for n in 0..9 {
        let _ = work(id * 9 + n);
    }
}

/// Makes `count` calls and returns the duration of the slowest request.
fn calls(count: u32) -> Duration {
    let mut slowest = Duration::ZERO;
    for id in 0..count / 10 {
        let begun = Instant::now();
        request(id);
        slowest = slowest.max(begun.elapsed());
    }
    slowest
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let scenario = arguments.next().unwrap_or_default();
    let begun = Instant::now();
    let mut builder = instrumental::builder().trace_tree(false).summary(false);
    if let Some(own) = own::OwnExporter::of_environment() {
        builder = builder.exporter("own", own);
    }
    let telemetry = builder.init()?;
    if scenario != "outage" {
        println!("init {}", begun.elapsed().as_millis());
    }
    match scenario.as_str() {
        // Many calls in a short time.
        "busy" => println!("slowest {}", calls(100_000).as_micros()),
        // A number of calls for each line of the input.
        "steps" => {
            for line in std::io::stdin().lock().lines() {
                calls(line?.trim().parse()?);
                println!(
                    "flushed {}",
                    telemetry.flush(Duration::from_secs(20)).is_ok()
                );
            }
        }
        // A few calls.
        "few" => println!("slowest {}", calls(100).as_micros()),
        // Many calls for a long time. The console hangs too, so the results go to the standard error.
        "outage" => return outage::run(telemetry, arguments),
        // No calls for a while.
        "idle" => {
            calls(10);
            telemetry.flush(Duration::from_secs(5))?;
            let before = accepted();
            std::thread::park_timeout(Duration::from_secs(3));
            println!("while_idle {}", accepted() - before);
        }
        other => return Err(format!("no scenario {other}").into()),
    }
    let begun = Instant::now();
    let done = telemetry.shutdown_blocking(Duration::from_secs(1));
    println!("shutdown {} {}", begun.elapsed().as_millis(), done.is_ok());
    print!("{}", accounts());
    Ok(())
}

fn accepted() -> u64 {
    let accounts = health().into_iter().flat_map(|backend| backend.accounts);
    let lines = accounts.filter(|(signal, _)| *signal != instrumental::Signal::Metrics);
    lines.map(|(_, account)| account.accepted).sum()
}
