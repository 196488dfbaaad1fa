use instrumental::traced;

#[traced(in_flight = 3)]
fn f() {}

fn main() {}
