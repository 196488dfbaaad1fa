//! Delivery statistics, by backend and signal.

use super::signal::{Signal, why};
use crate::base::sync::lock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The statistics of all backends. They are kept after a backend has ended, so that they can still be read.
static ALL_STATS: Mutex<Vec<Arc<DeliveryStats>>> = Mutex::new(Vec::new());
/// The minimum time between two warnings of the same kind about a backend.
const WARN_INTERVAL: Duration = Duration::from_secs(60);
/// The backend that writes the log itself, about which no warnings are logged: they would be lost as well.
const CONSOLE: &str = "console";

/// The delivery statistics of one signal of a backend.
///
/// ```
/// for backend in instrumental::health() {
///     let dropped: u64 = backend.accounts.values().flat_map(|account| account.dropped.values()).sum();
///     println!("{}: {dropped} items dropped", backend.backend);
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// The number of items passed to the backend.
    pub accepted: u64,
    /// The number of items that the backend accepted. Over UDP, the number of items that were sent.
    pub delivered: u64,
    /// The number of items that were dropped, by reason.
    pub dropped: BTreeMap<&'static str, u64>,
    /// The number of items that wait to be sent.
    pub queued: u64,
    /// The number of accepted requests, datagrams or writes. A request to Sentry is one error or one transaction.
    pub requests: u64,
    /// Their size before compression, in bytes.
    pub sent_bytes: u64,
}

/// The state of a backend.
///
/// ```
/// for backend in instrumental::health().iter().filter(|backend| backend.failures > 0) {
///     let why = backend.last_failure.as_deref().unwrap_or("unknown");
///     println!("{} has failed {} times in a row: {why}", backend.backend, backend.failures);
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BackendHealth {
    /// The backend's name, the same as its feature's.
    pub backend: &'static str,
    /// The delivery statistics, by signal.
    pub accounts: BTreeMap<Signal, Account>,
    /// The number of failures since the last success.
    pub failures: u32,
    /// The time since the backend last accepted a batch.
    pub last_success: Option<Duration>,
    /// The last failure: `HTTP 403`, `connection refused`. It contains no address and no secret, and is kept when the
    /// backend accepts data again.
    pub last_failure: Option<String>,
}

/// Returns the state of every backend. At any time, for each signal, `accepted = delivered + dropped + queued`.
///
/// ```
/// for backend in instrumental::health() {
///     for (signal, account) in &backend.accounts {
///         println!("{} {}: {account:?}", backend.backend, signal.as_str());
///     }
/// }
/// ```
#[must_use]
pub fn health() -> Vec<BackendHealth> {
    let all = lock(&ALL_STATS).clone();
    all.iter().map(|stats| stats.read()).collect()
}

/// Writes a line for each backend that did not receive everything before shutdown. It goes to standard error, because the
/// log has ended by then. Errors are ignored: there is no other place to report them.
pub(crate) fn write_undelivered() {
    use std::io::Write;
    let all = lock(&ALL_STATS).clone();
    for line in all.iter().filter_map(|stats| stats.undelivered_message()) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// The delivery statistics of one backend.
pub(crate) struct DeliveryStats {
    backend: &'static str,
    state: Mutex<State>,
}

/// The numbers of dropped batches and items, by signal and reason.
pub(crate) type Dropped = BTreeMap<(Signal, &'static str), (u64, u64)>;

#[derive(Default)]
struct State {
    dropped: Dropped,
    accounts: BTreeMap<Signal, Account>,
    failures: u32,
    last_success: Option<Instant>,
    last_failure: Option<String>,
    /// The last warning about dropped items.
    warned_dropped: Option<Instant>,
    /// The last warning about a backend that does not accept data.
    warned_failing: Option<Instant>,
}

impl DeliveryStats {
    /// Creates the statistics of a backend, and adds them to [`health`].
    pub(crate) fn open(backend: &'static str) -> Arc<Self> {
        let stats = Arc::new(Self {
            backend,
            state: Mutex::default(),
        });
        lock(&ALL_STATS).push(Arc::clone(&stats));
        stats
    }

    fn with<R>(&self, signal: Signal, then: impl FnOnce(&mut Account) -> R) -> R {
        then(lock(&self.state).accounts.entry(signal).or_default())
    }

    /// Counts items that are put into the queue.
    pub(crate) fn accept(&self, signal: Signal, items: u64) {
        self.with(signal, |account| {
            account.accepted += items;
            account.queued += items;
        });
    }

    /// Counts queued items that were delivered.
    pub(crate) fn deliver(&self, signal: Signal, items: u64) {
        self.with(signal, |account| {
            account.delivered += items;
            account.queued = account.queued.saturating_sub(items);
        });
        let mut state = lock(&self.state);
        state.failures = 0;
        state.last_success = Some(Instant::now());
    }

    /// Counts the request and the bytes of a batch that the backend accepted at least in part.
    pub(crate) fn sent(&self, signal: Signal, bytes: usize) {
        self.with(signal, |account| {
            account.requests += 1;
            account.sent_bytes += bytes as u64;
        });
    }

    /// Counts queued items that were dropped, and warns about them.
    pub(crate) fn drop_queued(&self, signal: Signal, why: &'static str, items: u64) {
        if items == 0 {
            return;
        }
        self.with(signal, |account| {
            account.queued = account.queued.saturating_sub(items);
            *account.dropped.entry(why).or_default() += items;
        });
        self.count_dropped(signal, why, items);
        self.warn_dropped(|backend| {
            let signal = signal.as_str();
            tracing::warn!(
                target: "instrumental",
                "{backend} dropped {items} {signal} ({why}); health() counts further drops"
            );
        });
    }

    /// Returns the numbers of delivered and of dropped items of a signal.
    #[allow(dead_code, reason = "only the logs backend uses it")]
    pub(crate) fn totals(&self, signal: Signal) -> (u64, u64) {
        self.with(signal, |account| {
            (account.delivered, account.dropped.values().sum())
        })
    }

    fn count_dropped(&self, signal: Signal, why: &'static str, items: u64) {
        let mut state = lock(&self.state);
        let (batches, all) = state.dropped.entry((signal, why)).or_default();
        *batches += 1;
        *all += items;
    }

    /// Returns the numbers of dropped batches and items.
    pub(crate) fn dropped(&self) -> Dropped {
        lock(&self.state).dropped.clone()
    }

    /// Counts items that were dropped before they were put into the queue.
    pub(crate) fn drop_unqueued(&self, signal: Signal, why: &'static str, items: u64) {
        if items == 0 {
            return;
        }
        self.accept(signal, items);
        self.drop_queued(signal, why, items);
    }

    /// Sets the number of failures in a row. Warns from the second one on: the first may be a backend that restarts.
    pub(crate) fn failed(&self, failures: u32) {
        let why = {
            let mut state = lock(&self.state);
            state.failures = failures;
            state.last_failure.clone()
        };
        if failures < 2 {
            return;
        }
        self.warn_limited(
            |state| &mut state.warned_failing,
            |backend| {
                let why = why.as_deref().unwrap_or("no response");
                tracing::warn!(
                    target: "instrumental",
                    "{backend} is not accepting data ({why}); queued data will be retried"
                );
            },
        );
    }

    /// Sets the description of the last failure.
    pub(crate) fn set_last_failure(&self, failure: String) {
        lock(&self.state).last_failure = Some(failure);
    }

    /// Returns a line about the items that were dropped or are still queued at shutdown.
    fn undelivered_message(&self) -> Option<String> {
        let state = lock(&self.state);
        let left = state.accounts.iter().filter_map(|(signal, account)| {
            let dropped = account.dropped.get(why::SHUTDOWN).unwrap_or(&0);
            let items = account.queued + dropped;
            (items > 0).then(|| format!("{items} {}", signal.as_str()))
        });
        let left: Vec<String> = left.collect();
        if self.backend == CONSOLE || left.is_empty() {
            return None;
        }
        let why = state.last_failure.as_deref();
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        let left = left.join(", ");
        let backend = self.backend;
        Some(format!(
            "instrumental: {backend} did not receive {left} before shutdown{why}"
        ))
    }

    /// Calls `warn` to log a warning about dropped items, at most once per [`WARN_INTERVAL`].
    pub(crate) fn warn_dropped(&self, warn: impl FnOnce(&'static str)) {
        self.warn_limited(|state| &mut state.warned_dropped, warn);
    }

    /// Calls `warn` if the time that `last` selects is more than [`WARN_INTERVAL`] ago, and updates that time.
    fn warn_limited(
        &self,
        last: impl FnOnce(&mut State) -> &mut Option<Instant>,
        warn: impl FnOnce(&'static str),
    ) {
        if self.backend == CONSOLE {
            return;
        }
        let now = Instant::now();
        let due = {
            let mut state = lock(&self.state);
            let last = last(&mut state);
            let due = last.is_none_or(|last| now.duration_since(last) > WARN_INTERVAL);
            if due {
                *last = Some(now);
            }
            due
        };
        if due {
            crate::base::internal_thread::log_internal(|| warn(self.backend));
        }
    }

    fn read(&self) -> BackendHealth {
        let state = lock(&self.state);
        BackendHealth {
            backend: self.backend,
            accounts: state.accounts.clone(),
            failures: state.failures,
            last_success: state.last_success.map(|at| at.elapsed()),
            last_failure: state.last_failure.clone(),
        }
    }
}

#[cfg(test)]
impl DeliveryStats {
    pub(crate) fn read_for_tests(&self) -> BackendHealth {
        self.read()
    }
}
