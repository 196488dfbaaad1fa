//! Service checks.

use super::tags;
use crate::base::sync::lock;
use crate::model::cut::cut;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// Service checks that wait for the next flush. If more arrive, the oldest are dropped.
const MAX_PENDING: usize = 256;
/// Bytes of a message; a longer one is truncated.
const MAX_MESSAGE: usize = 1024;

/// The status of a [service check](service_check). The numbers on the wire are those of the DogStatsD protocol.
///
/// ```
/// use instrumental::{CheckStatus, service_check};
/// let replicas = 1;
/// let status = if replicas < 2 { CheckStatus::Warning } else { CheckStatus::Ok };
/// service_check("database.replicas", status, "");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// The dependency works.
    Ok,
    /// The dependency works in a degraded way.
    Warning,
    /// The dependency does not work.
    Critical,
    /// The status could not be determined.
    Unknown,
}

static PENDING: Mutex<Vec<ServiceCheck>> = Mutex::new(Vec::new());

/// Reports the status of a dependency of this service as a Datadog service check. It is sent with the next flush of
/// metrics. Without the Datadog backend, it is discarded.
///
/// At most 256 checks wait for a flush; if more are reported, the oldest are dropped and counted in `lost()`. Messages
/// are truncated after 1024 bytes.
///
/// ```
/// use instrumental::{CheckStatus, service_check};
/// service_check("database.reachable", CheckStatus::Critical, "no answer within 2 s");
/// ```
pub fn service_check(name: &str, status: CheckStatus, message: &str) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut pending = lock(&PENDING);
    if pending.len() >= MAX_PENDING {
        pending.remove(0);
        crate::collect::dropped::count(crate::model::drop_reason::DropReason::RecordQueueFull);
    }
    pending.push(ServiceCheck {
        name: tags::name(name),
        status,
        seconds: since.map_or(0, |since| since.as_secs()),
        message: cut(message, MAX_MESSAGE).to_owned(),
    });
}

/// Takes the service checks that wait for a flush.
pub(super) fn take() -> Vec<ServiceCheck> {
    std::mem::take(&mut *lock(&PENDING))
}

/// A service check that waits for a flush.
pub(super) struct ServiceCheck {
    name: String,
    status: CheckStatus,
    seconds: u64,
    message: String,
}

impl ServiceCheck {
    /// Formats the check as `_sc|name|status|d:time|#tags|m:message`. The DogStatsD protocol requires the message to be
    /// the last part.
    pub(super) fn line(&self, tags: &str) -> String {
        let mut line = format!(
            "_sc|{}|{}|d:{}|#{tags}",
            self.name, self.status as u8, self.seconds
        );
        if !self.message.is_empty() {
            let message = self
                .message
                .replace('\r', "")
                .replace('\n', "\\n")
                .replace("m:", "m\\:");
            line.push_str("|m:");
            line.push_str(&message.replace('|', "/"));
        }
        line
    }
}
