//! How do I test what my functions report?
//!
//! `cargo run -p instrumental --features testing --example how_do_i_test_my_telemetry`

use instrumental::{business_event, testing, traced};

#[traced(id)]
#[business_event("bid.accepted", id)]
fn accept(id: u32) -> Result<u32, String> {
    Ok(id)
}

fn main() {
    let (accepted, seen) = testing::capture(|| accept(7));
    assert_eq!(accepted, Ok(7));
    assert_eq!(seen.tree(), "accept id=7 ok\n└─ • bid.accepted id=7");
    assert_eq!(seen.counter("bid.accepted", &[]), 1);
    println!("{}", seen.tree());
}
