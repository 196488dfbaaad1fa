//! Sentry's endpoint for events.

use super::address::Url;
use super::finding::Checks;
use super::network::{Network, Target};

const REMEDY: &str = "allow connections to this host in the firewall; compare the host with the DSN in Sentry's settings";

pub(super) fn check(url: &Url, network: &mut Network<'_>, checks: &mut Checks) {
    let target = Target {
        backend: "sentry",
        url,
    };
    if !network.reach(target, REMEDY, checks) {
        return;
    }
    let (prefix, project) = url.path.rsplit_once('/').unwrap_or(("", ""));
    let endpoint = url.at(&format!("{prefix}/api/{project}/envelope/"));
    let answer = network.client.get(&endpoint, &[]);
    let Some(answer) = network.answered(target, answer, checks) else {
        return;
    };
    let (place, status) = (url.authority(), answer.status);
    let fault = match status {
        300..=399 | 404 => (
            format!(
                "{place} answers HTTP {status}: it does not accept events of project {project}"
            ),
            "copy the DSN from the project's settings in Sentry (Client Keys)",
        ),
        500.. => (
            format!("{place} reports an internal error: HTTP {status}"),
            "check its status page or its log",
        ),
        _ => {
            let fact = format!("{place} answers: HTTP {status} to a request without an event");
            return checks.ok("sentry.answer", fact);
        }
    };
    checks.fail("sentry.answer", fault.0, fault.1);
    checks.mark_unreachable("sentry");
}
