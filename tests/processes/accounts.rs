//! A function that fails sometimes, and the accounts of its telemetry.

use instrumental::{capture_errors, health, traced};

#[traced(id)]
#[capture_errors]
pub(crate) fn work(id: u32) -> Result<u32, std::io::Error> {
    if id.is_multiple_of(100) {
        return Err(std::io::Error::other(format!("number {id}")));
    }
    Ok(id)
}

/// The accounts of all backends, one line each.
pub(crate) fn accounts() -> String {
    let mut text = String::new();
    for backend in health() {
        for (signal, account) in &backend.accounts {
            let dropped: u64 = account.dropped.values().sum();
            text += &format!(
                "account {} {} {} {} {} {} {:?}\n",
                backend.backend,
                signal.as_str(),
                account.accepted,
                account.delivered,
                dropped,
                account.queued,
                account.dropped
            );
        }
    }
    for (reason, count) in instrumental::lost() {
        text += &format!("lost {} {count}\n", reason.as_str());
    }
    text
}
