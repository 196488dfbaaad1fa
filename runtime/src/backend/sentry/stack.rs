//! Stack traces: from the annotated calls, or from the backtrace of a panic.

use crate::collect::report::panics;
use crate::model::site::Site;
use sentry::protocol::{Frame, Stacktrace};
use std::backtrace::Backtrace;

/// The number of innermost frames that are sent; Sentry displays 50 to 100.
const MAX_FRAMES: usize = 100;

/// Returns the enclosing annotated calls, the outermost first as Sentry expects them.
pub(super) fn logical(sites: &[&'static Site], in_app: &[String]) -> Option<Stacktrace> {
    let frames: Vec<Frame> = sites
        .iter()
        .map(|site| {
            let spec = site.spec();
            Frame {
                function: Some(site.function().to_owned()),
                module: Some(spec.module.to_owned()),
                filename: Some(spec.file.to_owned()),
                lineno: Some(u64::from(spec.line)),
                in_app: Some(is_in_app(spec.module, in_app)),
                ..Frame::default()
            }
        })
        .collect();
    (!frames.is_empty()).then(|| Stacktrace {
        frames,
        ..Stacktrace::default()
    })
}

/// Returns the frames of a backtrace. They are parsed from its text, as the standard library has no stable access to
/// them.
pub(super) fn real(backtrace: &Backtrace, in_app: &[String]) -> Option<Stacktrace> {
    let mut frames = parse(&backtrace.to_string(), in_app);
    // The frames of the panic machinery are removed: all up to the last one that belongs to it.
    let is_machinery = |frame: &Frame| frame.function.as_deref().is_some_and(is_panicking);
    if let Some(last) = frames.iter().rposition(is_machinery) {
        frames.drain(..=last);
    }
    frames.truncate(MAX_FRAMES);
    frames.reverse();
    (!frames.is_empty()).then(|| Stacktrace {
        frames,
        ..Stacktrace::default()
    })
}

fn is_panicking(function: &str) -> bool {
    [
        "rust_begin_unwind",
        "core::panicking::",
        "std::panicking::",
        panics::MODULE,
    ]
    .iter()
    .any(|part| function.contains(part))
}

/// Parses the text of a backtrace, the innermost frame first. A frame is `  4: shop::pay`, and a line such as
/// `             at ./src/pay.rs:7:5` may follow.
fn parse(text: &str, in_app: &[String]) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(place) = line.strip_prefix("at ") {
            if let Some(frame) = frames.last_mut() {
                let mut parts = place.rsplitn(3, ':');
                frame.colno = parts.next().and_then(|column| column.parse().ok());
                frame.lineno = parts.next().and_then(|line| line.parse().ok());
                frame.filename = parts.next().map(str::to_owned);
            }
        } else if let Some((number, function)) = line.split_once(": ")
            && number.bytes().all(|b| b.is_ascii_digit())
        {
            frames.push(Frame {
                in_app: Some(is_in_app(function.trim_start_matches('<'), in_app)),
                function: Some(function.to_owned()),
                ..Frame::default()
            });
        }
    }
    frames
}

/// Prefixes of functions that do not belong to an application.
const LIBRARIES: [&str; 14] = [
    "std::",
    "core::",
    "alloc::",
    "tokio::",
    "axum::",
    "hyper::",
    "hyper_util::",
    "tower::",
    "futures",
    "instrumental::",
    "tracing",
    "__rust",
    "rust_",
    "_",
];

fn is_in_app(module: &str, in_app: &[String]) -> bool {
    if in_app.is_empty() {
        !LIBRARIES.iter().any(|library| module.starts_with(library))
    } else {
        in_app
            .iter()
            .any(|prefix| module.starts_with(prefix.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backtrace_is_parsed_into_frames() {
        let text = "   0: std::panicking::begin\n   1: shop::pay::release\n             at ./src/pay.rs:7:5\n   \
                    2: core::ops::FnOnce::call_once\n             at /rustc/x/function.rs:250:5\n   3: main\n";
        let frames = parse(text, &[]);
        assert_eq!(frames.len(), 4);
        let pay = &frames[1];
        assert_eq!(pay.function.as_deref(), Some("shop::pay::release"));
        assert_eq!(pay.filename.as_deref(), Some("./src/pay.rs"));
        assert_eq!(
            (pay.lineno, pay.colno, pay.in_app),
            (Some(7), Some(5), Some(true))
        );
        assert_eq!(frames[2].in_app, Some(false));
        assert!(real(&Backtrace::force_capture(), &[]).is_some());
    }
}
