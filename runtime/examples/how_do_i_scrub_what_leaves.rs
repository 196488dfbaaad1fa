//! How do I keep secrets out of everything that leaves the process?
//!
//! `cargo run -p instrumental --features logs --example how_do_i_scrub_what_leaves`

use instrumental::processor::{Decision, Item, Processor};
use instrumental::{breadcrumb, capture_errors, lost, traced};

/// Masks card numbers, wherever they are, and drops the spans of health checks.
struct Scrub;

/// Replaces runs of 13 digits or more; `None` if there are none.
fn masked(text: &str) -> Option<String> {
    let mut out = String::new();
    for part in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = part.trim_end_matches(|c: char| !c.is_ascii_digit());
        let shown = if digits.len() >= 13 { "[card]" } else { digits };
        out = out + shown + &part[digits.len()..];
    }
    (out != text).then_some(out)
}

impl Processor for Scrub {
    fn process(&mut self, item: &mut Item<'_>) -> Decision {
        item.redact(masked);
        match item {
            Item::Span(span) if span.name().ends_with("health") => Decision::Drop,
            _ => Decision::Keep,
        }
    }
}

#[traced]
fn health() {}

#[traced(card)]
#[capture_errors]
fn charge(card: u64) -> Result<(), std::io::Error> {
    breadcrumb(format!("charging {card}"));
    Err(std::io::Error::other(format!("{card} was refused")))
}

fn main() -> Result<(), instrumental::SetupError> {
    let telemetry = instrumental::builder().processor(Scrub).init()?;
    health();
    // The console shows `[card] was refused`.
    let _ = charge(4_111_222_233_334_444);
    drop(telemetry);
    println!("{:?}", lost());
    Ok(())
}
