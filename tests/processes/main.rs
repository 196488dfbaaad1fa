//! Programs with process-wide telemetry, selected by an argument. `test.rs` runs each in a separate process.

mod alerts;
mod common;
mod forks;
mod hooks;
mod logged;

use common::{Outcome, Part, count, process, work};
use instrumental::{catalog, samples, traced};
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

#[traced]
async fn waits() {
    std::future::pending::<()>().await;
}

/// Resident memory in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}

#[traced]
fn spawns() -> tokio::task::JoinHandle<u32> {
    tokio::spawn(async { 1 })
}

#[traced(error_if = |_| false)]
fn spawns_explicitly() -> tokio::task::JoinHandle<u32> {
    tokio::spawn(async { 2 })
}

/// f12: `check` reports a future that cannot be measured to its end.
fn unmeasured() -> Outcome {
    let faults = || {
        catalog()
            .check()
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    // Other faults are expected: some alerts of this program are wrong on purpose.
    assert!(
        !faults().contains("not measured to its end"),
        "{}",
        faults()
    );
    let telemetry = instrumental::init()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let sum = runtime.block_on(async {
        Ok::<_, Box<dyn Error>>(spawns().await? + spawns_explicitly().await?)
    })?;
    assert_eq!(sum, 3);
    let text = catalog()
        .check()
        .expect_err("a future that is not measured")
        .to_string();
    assert!(
        text.contains("`spawns` (") && text.contains("error_if = |_| false"),
        "{text}"
    );
    assert!(!text.contains("says_so"), "{text}");
    telemetry.shutdown_blocking(Duration::from_secs(5))?;
    Ok(())
}

/// R15: `init` twice, after use, after shutdown.
fn twice() -> Outcome {
    let _ = work(1);
    let telemetry = instrumental::init()?;
    let again = instrumental::init().expect_err("telemetry is already on");
    assert!(again.to_string().contains("already on, since"), "{again}");
    assert!(again.to_string().contains("main.rs"), "{again}");
    telemetry.shutdown_blocking(Duration::from_secs(5))?;
    let _ = work(1);
    process::done().increment(1);
    assert!(instrumental::init().is_err());
    Ok(())
}

/// R15: `init` in two threads at once.
fn at_once() -> Outcome {
    static ON: AtomicUsize = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                if let Ok(telemetry) = instrumental::init() {
                    ON.fetch_add(1, SeqCst);
                    std::mem::forget(telemetry);
                }
            });
        }
    });
    assert_eq!(ON.load(SeqCst), 1);
    Ok(())
}

/// P08: handles and sites used before `init` count after it.
fn handles_before() -> Outcome {
    let early = process::done();
    early.increment(1);
    let _ = (work(1), work(1));
    let _telemetry = instrumental::init()?;
    early.increment(5);
    let _ = (work(1), work(4));
    assert_eq!(count("process.done", ("", "")), 5);
    assert_eq!(count("function.duration", ("outcome", "ok")), 1);
    assert_eq!(count("function.duration", ("outcome", "error")), 1);
    assert_eq!(count("function.errors", ("error", "String")), 1);
    Ok(())
}

/// R12, P06: exact counters on eight threads, and memory that does not grow with the calls.
fn exact_and_bounded() -> Outcome {
    let _telemetry = instrumental::init()?;
    let calls = |count: u32| {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..count {
                        process::done().increment(1);
                        process::took().record(Duration::from_micros(3));
                    }
                });
            }
        });
    };
    calls(1000);
    let before = resident();
    calls(1_250_000);
    let grown = resident().saturating_sub(before);
    assert_eq!(count("process.done", ("", "")), 8 * 1_251_000);
    assert_eq!(count("process.took", ("", "")), 8 * 1_251_000);
    assert!(grown < 1 << 20, "grew by {grown} bytes");
    Ok(())
}

/// 10,000 series in 32 MiB; past the cap, the overflow series.
fn series() -> Outcome {
    let _telemetry = instrumental::init()?;
    process::took().record(1.0);
    let before = resident();
    for n in 0..2_500 {
        // Leaked to get a `&'static str`. The label itself is limited to 2,000 values.
        let key: &'static str = Box::leak(format!("key {n}").into_boxed_str());
        for part in [Part::A, Part::B, Part::C, Part::D, Part::E] {
            process::wide(part, key).record(0.5);
        }
    }
    let grown = resident().saturating_sub(before);
    let wide = samples()
        .iter()
        .filter(|sample| sample.name() == "process.wide")
        .count();
    println!("{wide} series in {} KiB", grown >> 10);
    assert_eq!((wide, count("process.wide", ("", ""))), (10_000, 12_500));
    assert_eq!(count("process.wide", ("key", "other")), 5 * 501);
    assert!(grown <= 32 << 20, "grew by {grown} bytes");
    for n in 0..100_000 {
        process::by_city(instrumental::Bounded::new(&format!("city {n}"))).increment(1);
    }
    assert_eq!(count("process.by_city", ("", "")), 100_000);
    assert_eq!(count("process.by_city", ("city", "other")), 100_000 - 99);
    let lost = instrumental::lost();
    assert!(
        lost.iter()
            .any(|(reason, count)| reason.as_str() == "label_overflow" && *count >= 99_900)
    );
    Ok(())
}

/// R21: shutdown in every kind of runtime.
fn runtimes() -> Outcome {
    let which = std::env::args().nth(2).unwrap_or_default();
    let telemetry = instrumental::init()?;
    let body = async move {
        let cancelled = tokio::time::timeout(Duration::from_millis(5), waits()).await;
        assert!(cancelled.is_err());
        let _ = work(1);
        telemetry.shutdown(Duration::from_secs(5)).await
    };
    let began = Instant::now();
    match which.as_str() {
        "current_thread" => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(body)?,
        "one_worker" => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()?;
            runtime.block_on(async { tokio::spawn(body).await })??;
        }
        "guard_in_async" => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async move { drop(body) });
        }
        _ => {
            drop(body);
        }
    }
    assert!(began.elapsed() < Duration::from_secs(5));
    if which == "current_thread" || which == "one_worker" {
        assert_eq!(count("function.duration", ("outcome", "cancelled")), 1);
    }
    Ok(())
}

/// Prints the error of a wrong setting.
fn wrong_settings() -> Outcome {
    let error = instrumental::builder()
        .sample_rate(f64::NAN)
        .init()
        .expect_err("an invalid setting");
    println!("{error}");
    // Nothing is installed.
    assert!(!tracing::dispatcher::has_been_set());
    Ok(())
}

/// The application's own recorder, installed after the first call.
fn own_recorder() -> Outcome {
    let _ = work(1);
    process::done().increment(1);
    let listener = instrumental_tests::facades::Listener::default();
    metrics::set_global_recorder(listener.clone()).map_err(|_| "a recorder is installed")?;
    let _ = (work(1), work(2), work(4));
    process::done().increment(3);
    let metrics = listener.seen().metrics;
    let of = |name: &str| metrics.iter().filter(|line| line.starts_with(name)).count();
    assert_eq!(
        (of("process.done{} += 3"), of("process.done")),
        (1, 1),
        "{metrics:?}"
    );
    assert_eq!(
        (of("function.duration"), of("function.errors")),
        (3, 1),
        "{metrics:?}"
    );
    Ok(())
}

#[traced(id)]
async fn entered_again(id: u32) -> u32 {
    // sqlx enters the span of its caller on the same thread and on its own threads.
    let span = tracing::Span::current();
    span.in_scope(|| tracing::info!("inside"));
    let other = span.clone();
    let thread = std::thread::spawn(move || other.in_scope(|| work(1)));
    assert!(thread.join().is_ok());
    tokio::task::yield_now().await;
    id
}

/// A library enters the span of an annotated call, which still ends once.
fn call_span_entered() -> Outcome {
    let telemetry = instrumental::init()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    assert_eq!(
        runtime.block_on(async { entered_again(entered_again(3).await).await }),
        3
    );
    assert_eq!(count("function.duration", ("function", "entered_again")), 2);
    assert_eq!(count("function.duration", ("function", "work")), 2);
    telemetry.shutdown_blocking(Duration::from_secs(5))?;
    Ok(())
}

/// Runs the functions that the alerts watch and prints the class of each error.
fn watched() -> Outcome {
    let telemetry = instrumental::init()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    assert_eq!(runtime.block_on(alerts::run()), [false, false, true, true]);
    for error in ["not_found", "ledger_down"] {
        for sample in samples() {
            if sample.label("error") == Some(error) {
                println!(
                    "{error} {} {}",
                    sample.label("class").unwrap_or("none"),
                    count("function.errors", ("error", error))
                );
            }
        }
    }
    telemetry.shutdown_blocking(Duration::from_secs(5))?;
    Ok(())
}

/// X18: dropping the guard sends the last counts.
fn drops_the_guard() -> Outcome {
    let _telemetry = instrumental::init()?;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                (0..1000).for_each(|id| {
                    process::done().increment(3);
                    let _ = work(id);
                });
            });
        }
    });
    Ok(())
}

fn main() -> Outcome {
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "alerts" => watched(),
        "unmeasured" => unmeasured(),
        "twice" => twice(),
        "at_once" => at_once(),
        "handles_before" => handles_before(),
        "exact_and_bounded" => exact_and_bounded(),
        "series" => series(),
        "runtimes" => runtimes(),
        "wrong_settings" => wrong_settings(),
        "own_recorder" => own_recorder(),
        "call_span_entered" => call_span_entered(),
        "drops_the_guard" => drops_the_guard(),
        "evil_arguments" => hooks::evil_arguments(),
        "forks" => forks::forks(),
        "logged" => logged::logged(),
        "re_entered" => hooks::re_entered(),
        "without_receivers" => hooks::without_receivers(),
        "without_a_dsn" => hooks::without_a_dsn(),
        other => Err(format!("no program {other:?}").into()),
    }
}
