//! User code that telemetry calls, and a backend that is configured without a DSN.

use crate::common::{Outcome, count, work};
use instrumental::{
    Level, Sentry, Signal, Telemetry, capture_error, capture_message, health, traced,
};
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

static TELEMETRY: Mutex<Option<Telemetry>> = Mutex::new(None);
const LONG: Duration = Duration::from_secs(60);

/// C09: a hook captures, waits for telemetry, and turns it off.
pub(crate) fn re_entered() -> Outcome {
    let (sender, results) = mpsc::channel();
    let hook = move |event| {
        let begun = Instant::now();
        capture_message("of the hook", Level::Error);
        capture_error(&io::Error::other("of the hook")).send();
        tracing::error!("of the hook");
        let _ = work(4);
        let telemetry = TELEMETRY
            .lock()
            .ok()
            .and_then(|mut telemetry| telemetry.take());
        let handed_over = telemetry.is_some_and(|telemetry| {
            telemetry.flush(LONG).is_ok() || telemetry.shutdown_blocking(LONG).is_ok()
        });
        let _ = sender.send((begun.elapsed(), handed_over));
        Some(event)
    };
    let sentry = Sentry::default().before_send(hook);
    let telemetry = instrumental::builder().sentry(sentry).init()?;
    *TELEMETRY.lock().map_err(|_| "poisoned")? = Some(telemetry);
    capture_error(&io::Error::other("of the program")).send();
    let (elapsed, handed_over) = results.recv_timeout(Duration::from_secs(20))?;
    assert!(elapsed < Duration::from_secs(2), "{elapsed:?}");
    assert!(!handed_over, "a flush within a hook fails");
    // After the hook returns, the event is sent and telemetry shuts down.
    let deadline = Instant::now() + Duration::from_secs(20);
    while errors() != (1, 1) {
        assert!(Instant::now() < deadline, "{:?}", health());
        std::thread::park_timeout(Duration::from_millis(5));
    }
    assert!(
        results.try_recv().is_err(),
        "the hook is not called for what it captured"
    );
    Ok(())
}

/// Events that Sentry's backend accepted and delivered.
fn errors() -> (u64, u64) {
    let sentry = health()
        .into_iter()
        .find(|backend| backend.backend == "sentry");
    let account = sentry.and_then(|sentry| sentry.accounts.get(&Signal::Errors).cloned());
    account.map_or((0, 0), |account| (account.accepted, account.delivered))
}

/// The number of open sockets of this process.
fn sockets() -> io::Result<usize> {
    let targets = std::fs::read_dir("/proc/self/fd")?
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    Ok(targets
        .filter(|target| target.to_string_lossy().starts_with("socket:"))
        .count())
}

#[traced]
fn captures() {
    instrumental::breadcrumb("before");
    capture_error(&io::Error::other("unsent")).send();
}

/// C10: settings for Sentry without a DSN open nothing and call nothing.
pub(crate) fn without_a_dsn() -> Outcome {
    static CALLED: AtomicBool = AtomicBool::new(false);
    let before = sockets()?;
    let sentry = Sentry::default()
        .before_send(|event| {
            CALLED.store(true, SeqCst);
            Some(event)
        })
        .before_breadcrumb(|crumb| {
            CALLED.store(true, SeqCst);
            Some(crumb)
        });
    let telemetry = instrumental::builder().sentry(sentry).init()?;
    captures();
    capture_message("unsent", Level::Error);
    telemetry.flush(LONG)?;
    assert_eq!((sockets()?, CALLED.load(SeqCst)), (before, false));
    telemetry.shutdown_blocking(LONG)?;
    Ok(())
}

/// An error whose `Display` must not run.
#[derive(Debug)]
struct Unread;

impl fmt::Display for Unread {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("Display runs without a receiver")
    }
}
impl Error for Unread {}

/// C10: without a receiver, a capture does not format the error.
pub(crate) fn without_receivers() -> Outcome {
    for _ in 0..1000 {
        capture_error(&Unread).with("value", Unread).send();
    }
    let lost = instrumental::lost();
    assert_eq!(lost, [(instrumental::LostReason::NoReceiver, 1000)]);
    Ok(())
}

/// Misbehaves in `Debug`.
struct Evil(u8);

impl fmt::Debug for Evil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => {
                let inside = || work(1).unwrap_or_default();
                let one = tracing::info_span!("within", evil = ?Evil(3)).in_scope(inside);
                tracing::info!("within");
                write!(f, "{one}")
            }
            1 => Err(fmt::Error),
            2 => panic!("in Debug"),
            _ => f.write_str("harmless"),
        }
    }
}

#[traced(?evil)]
fn takes(evil: Evil) -> u8 {
    tracing::info!(?evil, "taken");
    tracing::info_span!("theirs", ?evil).in_scope(|| evil.0)
}

/// X13 to X15: arguments whose `Debug` opens spans, fails or panics do not affect the call.
pub(crate) fn evil_arguments() -> Outcome {
    let telemetry = instrumental::init()?;
    let values: Vec<u8> = (0..4).map(|kind| takes(Evil(kind))).collect();
    assert_eq!(values, [0, 1, 2, 3]);
    assert_eq!(count("function.duration", ("function", "takes")), 4);
    assert_eq!(count("function.duration", ("function", "work")), 3);
    telemetry.shutdown_blocking(LONG)?;
    Ok(())
}
