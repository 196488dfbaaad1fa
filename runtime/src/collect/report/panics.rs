//! Reports of panics. A panic is reported once, where it happens; annotated calls that it unwinds end with the outcome
//! `panicked`.

use crate::base::{clock, internal_thread};
use crate::collect::report::{blank, submit, throttle};
use crate::collect::trace::context;
use crate::collect::{dropped, record_queue};
use crate::model::cut::cut;
use crate::model::drop_reason::DropReason;
use crate::model::fault::FaultValue;
use crate::model::level::Level;
use crate::model::record::{Report, ReportKind};
use std::backtrace::Backtrace;
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

/// The path of this module in backtraces.
pub(crate) const MODULE: &str = module_path!();

/// Maximum length of a panic message, in bytes.
const MAX_TEXT: usize = 8192;

/// Installs a panic hook that runs the previous hook first.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            before(info);
            if record_queue::is_open()
                && !internal_thread::is_internal()
                && !internal_thread::is_guarded()
            {
                report(info);
            }
        }));
    });
}

fn report(info: &PanicHookInfo<'_>) {
    let site = context::top_site();
    let admitted = site.map_or(Some(0), |site| throttle::admit(site, "panic", clock::now()));
    let Some(repeats) = admitted else {
        return dropped::count(DropReason::ReportThrottled);
    };
    let payload = info.payload();
    let text = match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "non-string panic payload",
    };
    let place = info.location();
    let mut extra = Vec::new();
    if let Some(place) = place {
        extra.push(("panic.location".to_owned(), place.to_string()));
    }
    super::captured::reported(None, FaultValue::Opaque, text, &[]);
    submit(Report {
        site,
        repeats,
        label: "panic",
        text: cut(text, MAX_TEXT).into(),
        extra,
        // Only addresses are captured here; symbols are resolved when the report is formatted.
        backtrace: Some(Backtrace::force_capture()),
        ..blank(ReportKind::Panic, Level::Fatal)
    });
}
