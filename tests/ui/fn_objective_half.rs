use instrumental::traced;

#[traced(objective(latency = "250ms"))]
fn f() {}

fn main() {}
