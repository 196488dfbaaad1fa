// Warns about what `tracing::instrument` warns about, and nothing else.
#![deny(warnings)]
use instrumental::instrument;

#[instrument(skipall, slwo = "1s", err(Debug), 5, skp(who) foo::bar)]
fn f(_who: u32) -> Result<(), String> {
    Ok(())
}

fn main() {}
