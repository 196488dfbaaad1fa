use instrumental::alert;

/// Not a function.
#[alert(P3, owner = "payments")]
struct Slow;

fn main() {}
