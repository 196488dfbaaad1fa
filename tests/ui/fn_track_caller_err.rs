// `err` would have to move the body into a closure, and the caller would be reported as the place of that closure.
use instrumental::instrument;

#[instrument(err)]
#[track_caller]
fn located() -> Result<u32, String> {
    Ok(std::panic::Location::caller().line())
}

fn main() {}
