//! What became of everything: an account a backend.

use super::signal::{Signal, why};
use crate::base::sync::lock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Every account of the process. Kept after its backend has ended, so that it can be read then.
static ALL_STATS: Mutex<Vec<Arc<DeliveryStats>>> = Mutex::new(Vec::new());
/// How often a backend's trouble is mentioned in the log.
const SAY_EVERY: Duration = Duration::from_secs(60);
/// The one that cannot tell that it is not there.
const CONSOLE: &str = "console";

/// What one backend did with one signal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Items handed to the backend.
    pub accepted: u64,
    /// Items it has. Over UDP: items that were sent.
    pub delivered: u64,
    /// Items given up, by reason.
    pub dropped: BTreeMap<&'static str, u64>,
    /// Items that wait.
    pub queued: u64,
    /// Requests, datagrams or writes that it took. To Sentry each is one error or one transaction.
    pub requests: u64,
    /// Bytes of those, before they were compressed.
    pub sent_bytes: u64,
}

/// How a backend is doing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BackendHealth {
    /// Its name, as its feature is called.
    pub backend: &'static str,
    /// Its accounts, by signal.
    pub accounts: BTreeMap<Signal, Account>,
    /// Failures in a row.
    pub failures: u32,
    /// How long ago it took something.
    pub last_success: Option<Duration>,
    /// What the last attempt came to that did not succeed: `HTTP 403`, `connection refused`. Says what kind of thing
    /// happened, and holds no address and no secret. Kept when the backend is well again.
    pub last_failure: Option<String>,
}

/// How every backend is doing: at any time, for each signal, `accepted = delivered + dropped + queued`.
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
    let ledgers = lock(&ALL_STATS).clone();
    ledgers.iter().map(|stats| stats.read()).collect()
}

/// Writes a line for each backend that did not get everything before telemetry was turned off: to the standard error
/// output, as the log has ended as well. One that cannot be written is nobody's concern.
pub(crate) fn undelivered_message() {
    use std::io::Write;
    let ledgers = lock(&ALL_STATS).clone();
    for line in ledgers
        .iter()
        .filter_map(|stats| stats.undelivered_message())
    {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// The account of one backend.
pub(crate) struct DeliveryStats {
    backend: &'static str,
    book: Mutex<Book>,
}

/// Batches and items that were given up, by signal and reason.
pub(crate) type Dropped = BTreeMap<(Signal, &'static str), (u64, u64)>;

#[derive(Default)]
struct Book {
    dropped: Dropped,
    accounts: BTreeMap<Signal, Account>,
    failures: u32,
    last_success: Option<Instant>,
    last_failure: Option<String>,
    said_lost: Option<Instant>,
    said_waiting: Option<Instant>,
}

impl DeliveryStats {
    pub(crate) fn open(backend: &'static str) -> Arc<Self> {
        let stats = Arc::new(Self {
            backend,
            book: Mutex::default(),
        });
        lock(&ALL_STATS).push(Arc::clone(&stats));
        stats
    }

    fn with<R>(&self, signal: Signal, then: impl FnOnce(&mut Account) -> R) -> R {
        then(lock(&self.book).accounts.entry(signal).or_default())
    }

    /// Items were handed over.
    pub(crate) fn accept(&self, signal: Signal, items: u64) {
        self.with(signal, |account| {
            account.accepted += items;
            account.queued += items;
        });
    }

    /// Queued items were delivered.
    pub(crate) fn deliver(&self, signal: Signal, items: u64) {
        self.with(signal, |account| {
            account.delivered += items;
            account.queued = account.queued.saturating_sub(items);
        });
        let mut book = lock(&self.book);
        book.failures = 0;
        book.last_success = Some(Instant::now());
    }

    /// A batch was taken, all of it or a part: what is billed by volume.
    pub(crate) fn sent(&self, signal: Signal, bytes: usize) {
        self.with(signal, |account| {
            account.requests += 1;
            account.sent_bytes += bytes as u64;
        });
    }

    /// Queued items were given up.
    pub(crate) fn drop_queued(&self, signal: Signal, why: &'static str, items: u64) {
        if items == 0 {
            return;
        }
        self.with(signal, |account| {
            account.queued = account.queued.saturating_sub(items);
            *account.dropped.entry(why).or_default() += items;
        });
        self.note_dropped(signal, why, items);
        self.say(|backend| {
            let signal = signal.as_str();
            tracing::warn!(
                target: "instrumental",
                "{backend} lost {items} {signal}: {why}; further losses are counted in health()"
            );
        });
    }

    /// Items of a signal that were delivered and given up so far.
    #[allow(dead_code)]
    pub(crate) fn totals(&self, signal: Signal) -> (u64, u64) {
        self.with(signal, |account| {
            (account.delivered, account.dropped.values().sum())
        })
    }

    fn note_dropped(&self, signal: Signal, why: &'static str, items: u64) {
        let mut book = lock(&self.book);
        let (batches, all) = book.dropped.entry((signal, why)).or_default();
        *batches += 1;
        *all += items;
    }

    /// What was given up so far.
    pub(crate) fn dropped(&self) -> Dropped {
        lock(&self.book).dropped.clone()
    }

    /// Items were given up before they were put into the queue.
    pub(crate) fn drop_unqueued(&self, signal: Signal, why: &'static str, items: u64) {
        if items == 0 {
            return;
        }
        self.accept(signal, items);
        self.drop_queued(signal, why, items);
    }

    /// Nothing was taken so many times in a row. A first failure may be a backend that restarts, and is not mentioned.
    pub(crate) fn failed(&self, failures: u32) {
        let why = {
            let mut book = lock(&self.book);
            book.failures = failures;
            book.last_failure.clone()
        };
        if failures < 2 {
            return;
        }
        self.say_since(
            |book| &mut book.said_waiting,
            |backend| {
                let why = why.as_deref().unwrap_or("no answer");
                tracing::warn!(
                    target: "instrumental",
                    "{backend} takes nothing: {why}; what it is to get waits, and is tried again"
                );
            },
        );
    }

    /// What an attempt came to that did not succeed.
    pub(crate) fn told(&self, failure: String) {
        lock(&self.book).last_failure = Some(failure);
    }

    /// What was given up, or still waits, as telemetry was turned off: no log takes it any more.
    pub(super) fn undelivered_message(&self) -> Option<String> {
        let book = lock(&self.book);
        let left = book.accounts.iter().filter_map(|(signal, account)| {
            let given_up = account.dropped.get(why::SHUTDOWN).unwrap_or(&0);
            let items = account.queued + given_up;
            (items > 0).then(|| format!("{items} {}", signal.as_str()))
        });
        let left: Vec<String> = left.collect();
        if self.backend == CONSOLE || left.is_empty() {
            return None;
        }
        let why = book.last_failure.as_deref();
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        let left = left.join(", ");
        let backend = self.backend;
        Some(format!(
            "instrumental: {backend} did not get {left} before the end{why}"
        ))
    }

    /// Says that this backend lost something, but not every time.
    pub(crate) fn say(&self, say: impl FnOnce(&'static str)) {
        self.say_since(|book| &mut book.said_lost, say);
    }

    fn say_since(
        &self,
        said: impl FnOnce(&mut Book) -> &mut Option<Instant>,
        say: impl FnOnce(&'static str),
    ) {
        if self.backend == CONSOLE {
            return;
        }
        let now = Instant::now();
        let due = {
            let mut book = lock(&self.book);
            let said = said(&mut book);
            let due = said.is_none_or(|said| now.duration_since(said) > SAY_EVERY);
            if due {
                *said = Some(now);
            }
            due
        };
        if due {
            crate::base::internal_thread::log_internal(|| say(self.backend));
        }
    }

    fn read(&self) -> BackendHealth {
        let book = lock(&self.book);
        BackendHealth {
            backend: self.backend,
            accounts: book.accounts.clone(),
            failures: book.failures,
            last_success: book.last_success.map(|at| at.elapsed()),
            last_failure: book.last_failure.clone(),
        }
    }
}

#[cfg(test)]
impl DeliveryStats {
    pub(crate) fn read_for_tests(&self) -> BackendHealth {
        self.read()
    }
}
