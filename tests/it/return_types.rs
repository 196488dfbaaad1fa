//! Which returned values are errors.

use crate::calls::{Refused, maybe};
use instrumental::{capture_errors, testing, traced};
use std::ops::ControlFlow;
use std::task::Poll;

type Alias<T> = std::io::Result<T>;

#[traced]
fn alias(fail: bool) -> Alias<u32> {
    if fail {
        Err(std::io::Error::other("no"))
    } else {
        Ok(1)
    }
}
#[traced]
fn nested(fail: bool) -> Option<Result<u32, Refused>> {
    Some(if fail { Err(Refused("nested")) } else { Ok(1) })
}
#[traced]
fn polled(fail: bool) -> Poll<Result<u32, Refused>> {
    Poll::Ready(if fail { Err(Refused("polled")) } else { Ok(1) })
}
#[traced]
fn flows(fail: bool) -> ControlFlow<Refused, u32> {
    if fail {
        ControlFlow::Break(Refused("flow"))
    } else {
        ControlFlow::Continue(1)
    }
}
#[traced]
fn searches(found: bool) -> ControlFlow<u32, ()> {
    if found {
        ControlFlow::Break(4)
    } else {
        ControlFlow::Continue(())
    }
}
#[traced(none = "error")]
fn looks_up(fail: bool) -> Option<u32> {
    (!fail).then_some(1)
}
#[traced(error_if = |status| *status >= 500)]
fn status(fail: bool) -> u16 {
    if fail { 503 } else { 404 }
}
#[capture_errors(ignore(Refused("quietly")))]
#[traced(error_if = |out| out.as_ref().is_ok_and(|n| *n > 1) || out.is_err())]
fn audited(fail: bool) -> Result<u32, Refused> {
    if fail { Err(Refused("aloud")) } else { Ok(1) }
}
#[traced]
fn text_error(fail: bool) -> Result<u32, String> {
    if fail { Err("text".into()) } else { Ok(1) }
}

#[test]
fn the_type_decides_the_outcome() {
    let ((), seen) = testing::capture(|| {
        for fail in [false, true] {
            let _ = (alias(fail), nested(fail), polled(fail), flows(fail));
            let _ = (
                searches(fail),
                looks_up(fail),
                maybe(fail),
                status(fail),
                audited(fail),
                text_error(fail),
            );
        }
    });
    let expected = [
        ("alias", 1, "io::error::Error"),
        ("nested", 1, "Refused"),
        ("polled", 1, "Refused"),
        ("flows", 1, "Refused"),
        ("searches", 0, ""),
        ("looks_up", 1, "none"),
        ("maybe", 0, ""),
        ("status", 1, "error_if"),
        ("audited", 1, "Refused"),
        ("text_error", 1, "String"),
    ];
    for (function, errors, label) in expected {
        let of = |outcome| {
            let labels = [("function", function), ("outcome", outcome)];
            if seen.has("function.duration", &labels) {
                seen.histogram("function.duration", &labels).0
            } else {
                0
            }
        };
        assert_eq!((of("ok"), of("error")), (2 - errors, errors), "{function}");
        if errors > 0 {
            let labels = [("function", function), ("error", label)];
            assert_eq!(seen.counter("function.errors", &labels), 1, "{function}");
        }
    }
}
