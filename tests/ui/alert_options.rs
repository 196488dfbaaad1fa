use instrumental::alert;
use instrumental::alerts::*;

#[alert(P5, ownr = "payments", impact = 5, notify = "a b")]
fn many_mistakes() -> Condition {
    count(all_calls()).above(0)
}

/// Two severities, and a text.
#[alert("slow", P1, P2, owner = "payments", runbook = "docs/runbooks.md")]
fn two_severities() -> Condition {
    count(all_calls()).above(0)
}

/// No impact.
#[alert(P2, owner = "payments")]
fn no_impact() -> Condition {
    count(all_calls()).above(0)
}

/// Takes something.
#[alert(P3, owner = "payments")]
async fn shape<T>(n: T) -> Condition {
    count(all_calls()).above(0)
}

fn main() {}
