use instrumental::alert;
use instrumental::alerts::*;

/// The file is there, the heading is not.
#[alert(P3, owner = "payments", runbook = "Cargo.toml#payments")]
fn no_heading() -> Condition {
    count(all_calls()).above(0)
}

fn main() {}
