//! Errors that are captured and then logged after their call has returned: each is one event.

use crate::common::Outcome;
use instrumental::{Sentry, capture_error, capture_errors, traced};
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Its `Debug` and `Display` texts have nothing in common.
#[derive(Debug)]
struct Refused {
    code: u32,
}
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the bank says no to number {}", self.code)
    }
}
impl Error for Refused {}

/// Exposes the wrapped error as its source only.
#[derive(Debug)]
struct Failed {
    source: Refused,
}
impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("payment failed")
    }
}
impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// Separate functions, so that no rate limit is reached.
macro_rules! failing {
    ($($run:ident $pay:ident)*) => {$(
        #[capture_errors]
        async fn $run(code: u32) -> Result<(), Refused> {
            tokio::task::yield_now().await;
            Err(Refused { code })
        }
        #[capture_errors]
        fn $pay(code: u32) -> Result<(), Refused> {
            Err(Refused { code })
        }
    )*};
}
failing!(run pay runs pays);

#[capture_errors]
fn pay_and_wrap(code: u32) -> Result<(), Failed> {
    pay(code).map_err(|source| Failed { source })
}

#[capture_errors]
async fn wrap_later(code: u32) -> Result<(), Failed> {
    let paid = runs(code).await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    paid.map_err(|source| Failed { source })
}

#[capture_errors]
fn dynamic(code: u32) -> Result<(), Box<dyn Error + Send + Sync>> {
    Err(Refused { code }.into())
}

#[traced]
async fn serves(code: u32) {
    if let Err(error) = runs(code).await {
        tracing::error!(cause = ?error, "served and failed");
    }
}

#[capture_errors]
async fn panics(code: u32) -> Result<(), Refused> {
    assert!(code == 0, "a panic of number {code}");
    Ok(())
}

/// Logs captured errors in every form.
async fn logged_in_every_form() {
    if let Err(error) = run(1).await {
        tracing::error!(cause = ?error, "connection error");
    }
    if let Err(error) = run(2).await {
        tracing::error!(%error);
    }
    if let Err(error) = run(3).await {
        tracing::error!("connection error: {error}");
    }
    if let Err(error) = run(4).await {
        tracing::error!("connection error: {error:#?}");
    }
    if let Err(error) = run(5).await {
        tracing::error!(error = &error as &dyn Error, "connection error");
    }
    if let Err(error) = runs(6).await {
        tokio::time::sleep(Duration::from_millis(5)).await;
        tracing::error!(?error, "after a while");
        tracing::error!("and once more: {error}");
    }
    serves(7).await;
    if let Err(error) = dynamic(8) {
        tracing::error!(?error, "of any type");
    }
}

/// Logs errors that wrap a captured error.
async fn logged_while_wrapped() {
    if let Err(error) = pay(10) {
        let error = Failed { source: error };
        tracing::error!(?error, "wrapped outside");
    }
    if let Err(error) = pay_and_wrap(11) {
        tracing::error!("wrapped within: {error}");
    }
    if let Err(error) = wrap_later(12).await {
        tracing::error!("wrapped later: {error}");
    }
}

/// Logs errors of other tasks and threads.
async fn logged_elsewhere() -> Outcome {
    let task = tokio::spawn(runs(20));
    if let Err(error) = tokio::spawn(task).await?? {
        tracing::error!(?error, "the task failed");
    }
    let thread = std::thread::spawn(|| pay(21));
    if let Ok(Err(error)) = thread.join() {
        tracing::error!("the thread failed: {error}");
    }
    if let Err(error) = tokio::spawn(panics(22)).await {
        tracing::error!("the task panicked: {error}");
    }
    let error = Refused { code: 23 };
    capture_error(&error).send();
    tracing::error!(?error, "by hand");
    Ok(())
}

#[capture_errors]
fn storm(code: u32) -> Result<(), Refused> {
    Err(Refused { code })
}

/// Log lines without a captured error.
fn unrelated() {
    let _ = pays(30);
    tracing::error!("something else");
    let _ = pays(31);
    tracing::error!(error = ?Refused { code: 32 }, "never captured");
}

pub(crate) fn logged() -> Outcome {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let all = Arc::clone(&seen);
    let sentry = Sentry::default().before_send(move |event| {
        let logged = event.logentry.as_ref().map(|entry| entry.message.clone());
        let thrown = event.exception.values.last().and_then(|e| e.value.clone());
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(logged.map_or_else(
            || thrown.unwrap_or_default(),
            |line| format!("line: {line}"),
        ));
        None
    });
    let telemetry = instrumental::builder().sentry(sentry).init()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        logged_in_every_form().await;
        logged_while_wrapped().await;
        logged_elsewhere().await
    })?;
    unrelated();
    // Each number fails twice.
    for code in 100..200 {
        if let Err(error) = storm(code) {
            tracing::error!("in a storm: {error}");
        }
        let joined = std::thread::spawn(move || storm(code)).join();
        if let Ok(Err(error)) = joined {
            tracing::error!(?error, "in a storm");
        }
    }
    telemetry.shutdown_blocking(Duration::from_secs(10))?;
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    seen.sort();
    for line in seen.iter() {
        println!("{line}");
    }
    Ok(())
}
