// X22: `err` would have to move the body into a closure, whose place the location would be.
use instrumental::instrument;

#[instrument(err)]
#[track_caller]
fn located() -> Result<u32, String> {
    Ok(std::panic::Location::caller().line())
}

fn main() {}
