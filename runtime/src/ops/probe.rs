//! The probe: test data for `cargo instrumental doctor`.
//!
//! If `INSTRUMENTAL_PROBE` names a file, `init()` sends marked test data to the configured backends, writes the result to
//! the file and ends the process.

use crate::__private::SPEC;
use crate::base::text::json::{Object, list, object};
use crate::collect::handle;
use crate::collect::trace::context;
use crate::collect::trace::sampling::Sampling;
use crate::model::change::Change;
use crate::model::family::{FamilySpec, MetricKind};
use crate::model::site::{Family, Site};
use crate::model::spec::{Spec, flag};
use crate::pipeline::queue::{Account, BackendHealth, health};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The environment variable that names the file to write.
const VARIABLE: &str = "INSTRUMENTAL_PROBE";
/// The time within which the test data have to reach the backends.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
/// The version of the file's format.
const FORMAT: u32 = 1;
/// The field that distinguishes all test data from those of the program.
const TEST_DATA: &str = "instrumental.doctor";
const ERROR_MESSAGE: &str = "test error of cargo instrumental doctor";

/// Returns the file to write if a probe is requested.
pub(crate) fn file() -> Option<PathBuf> {
    let file = std::env::var_os(VARIABLE)?;
    (!file.is_empty()).then(|| PathBuf::from(file))
}

/// Returns the sampling during a probe: its trace is always recorded.
pub(crate) fn sampling() -> Sampling {
    Sampling {
        rate: 1.0,
        is_given: true,
        rules: Vec::new(),
        keep_notable: true,
    }
}

// These are not registered, so the catalog and the manifest do not list them.
static ROOT_SPEC: Spec = spec("instrumental.doctor");
static ROOT: Site = Site::new(&ROOT_SPEC, || "instrumental.doctor", &ROOT);
static CHILD_SPEC: Spec = spec("instrumental.doctor.child");
static CHILD: Site = Site::new(&CHILD_SPEC, || "instrumental.doctor.child", &CHILD);

const fn spec(name: &'static str) -> Spec {
    Spec {
        name,
        fields: &[TEST_DATA],
        flags: flag::TRACED | flag::NAMED,
        file: file!(),
        line: line!(),
        module: module_path!(),
        ..SPEC
    }
}

static METRIC: Family = Family::new(FamilySpec {
    name: "instrumental.probe",
    help: "Test data of `cargo instrumental doctor`.",
    kind: MetricKind::Counter,
    unit: "",
    unit_word: "",
    floor: 0,
    labels: &[],
    budget: 1,
    owner: "",
    file: file!(),
    line: line!(),
    module: module_path!(),
});

#[derive(Debug)]
struct DoctorTest;

impl fmt::Display for DoctorTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ERROR_MESSAGE)
    }
}

impl std::error::Error for DoctorTest {}

/// Sends a trace of two spans, an error, a metric and a log line. Returns the id of the trace.
pub(crate) fn send() -> u128 {
    handle::change(METRIC.series(()), Change::Add(1));
    let root = ROOT.enter(|recorder| recorder.fields(&[Some(&true)]));
    let _root = root.guard();
    crate::set_tag(TEST_DATA, true);
    {
        let child = CHILD.enter(|recorder| recorder.fields(&[Some(&true)]));
        let _child = child.guard();
        tracing::info!(
            instrumental.doctor = true,
            "test line of cargo instrumental doctor"
        );
    }
    crate::capture_error(&DoctorTest)
        .with(TEST_DATA, true)
        .send();
    context::current().trace_id()
}

/// The result of a probe.
pub(crate) enum ProbeResult {
    /// `init()` rejected the settings, for these reasons.
    InvalidSettings(Vec<String>),
    /// The test data were sent.
    Sent {
        trace: u128,
        /// Whether all backends received the data before the deadline.
        in_time: bool,
    },
}

/// Writes the result of a probe and ends the process, before the program begins its work.
pub(crate) fn write_and_exit(file: &Path, result: &ProbeResult) -> ! {
    match std::fs::write(file, render(result, &health())) {
        Ok(()) => std::process::exit(0),
        Err(error) => {
            // Standard error is the only place left for a message.
            eprintln!("{VARIABLE}: cannot write {}: {error}", file.display());
            std::process::exit(1)
        }
    }
}

/// Returns the content of the file, as JSON.
fn render(result: &ProbeResult, backends: &[BackendHealth]) -> String {
    let mut out = String::new();
    object(&mut out, |probe| {
        probe.plain("probe", FORMAT);
        probe.text("instrumental", env!("CARGO_PKG_VERSION"));
        let (faults, trace, in_time) = match result {
            ProbeResult::InvalidSettings(faults) => (&faults[..], 0, false),
            ProbeResult::Sent { trace, in_time } => (&[][..], *trace, *in_time),
        };
        probe.texts("faults", faults);
        probe.text("trace", &format!("{trace:032x}"));
        probe.plain("in_time", in_time);
        list(probe.key("backends"), backends, |out, backend| {
            object(out, |object| self::backend(object, backend));
        });
    });
    out.push('\n');
    out
}

fn backend(out: &mut Object<'_>, backend: &BackendHealth) {
    out.text("name", backend.backend);
    out.optional("last_failure", backend.last_failure.as_deref());
    let accounts: Vec<_> = backend.accounts.iter().collect();
    list(out.key("signals"), &accounts, |out, (signal, account)| {
        object(out, |object| {
            object.text("signal", signal.as_str());
            self::account(object, account);
        });
    });
}

fn account(out: &mut Object<'_>, account: &Account) {
    out.plain("accepted", account.accepted);
    out.plain("delivered", account.delivered);
    out.plain("queued", account.queued);
    out.object("dropped", |dropped| {
        for (reason, count) in &account.dropped {
            dropped.plain(reason, *count);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::queue::Signal;
    use std::collections::BTreeMap;

    #[test]
    fn the_file_lists_backends_and_settings_errors() {
        let account = Account {
            accepted: 2,
            delivered: 1,
            dropped: BTreeMap::from([("send_error", 1)]),
            queued: 0,
            ..Account::default()
        };
        let backend = BackendHealth {
            backend: "sentry",
            accounts: BTreeMap::from([(Signal::Errors, account)]),
            failures: 0,
            last_success: None,
            last_failure: Some("HTTP \"403\"".into()),
        };
        let sent = ProbeResult::Sent {
            trace: 0xab,
            in_time: true,
        };
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            render(&sent, &[backend]),
            format!(
                "{{\"probe\":1,\"instrumental\":\"{version}\",\"faults\":[],\
                 \"trace\":\"000000000000000000000000000000ab\",\"in_time\":true,\"backends\":[{{\"name\":\"sentry\",\
                 \"last_failure\":\"HTTP \\\"403\\\"\",\"signals\":[{{\"signal\":\"errors\",\"accepted\":2,\
                 \"delivered\":1,\"queued\":0,\"dropped\":{{\"send_error\":1}}}}]}}]}}\n"
            )
        );
        let invalid = ProbeResult::InvalidSettings(vec!["SENTRY_DSN is \"…\"".into()]);
        let text = render(&invalid, &[]);
        assert!(
            text.contains(r#""faults":["SENTRY_DSN is \"…\""]"#),
            "{text}"
        );
    }
}
