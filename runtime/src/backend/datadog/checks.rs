//! Service checks.

use super::tags;
use crate::base::sync::lock;
use crate::model::cut::cut;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// Checks that wait; more are dropped, the oldest first.
const MAX_WAITING: usize = 256;
const MAX_MESSAGE: usize = 1024;

/// What a service check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// It works.
    Ok,
    /// It works, but not as it should.
    Warning,
    /// It does not work.
    Critical,
    /// It could not be told.
    Unknown,
}

static WAITING: Mutex<Vec<ServiceCheck>> = Mutex::new(Vec::new());

/// Tells Datadog how something is doing that this service depends on. Sent with the next metrics; without the Datadog
/// backend, nobody is told.
///
/// ```
/// use instrumental::{CheckStatus, service_check};
/// service_check("database.reachable", CheckStatus::Critical, "no answer within 2 s");
/// ```
pub fn service_check(name: &str, status: CheckStatus, message: &str) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut waiting = lock(&WAITING);
    if waiting.len() >= MAX_WAITING {
        waiting.remove(0);
        crate::collect::dropped::count(crate::model::drop_reason::DropReason::RecordQueueFull);
    }
    waiting.push(ServiceCheck {
        name: tags::name(name),
        status,
        seconds: since.map_or(0, |since| since.as_secs()),
        message: cut(message, MAX_MESSAGE).to_owned(),
    });
}

pub(super) fn take() -> Vec<ServiceCheck> {
    std::mem::take(&mut *lock(&WAITING))
}

/// One check.
pub(super) struct ServiceCheck {
    name: String,
    status: CheckStatus,
    seconds: u64,
    message: String,
}

impl ServiceCheck {
    /// `_sc|name|status|d:time|#tags|m:message`; the message last, as the protocol has it.
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
