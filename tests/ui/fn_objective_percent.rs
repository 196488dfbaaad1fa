use instrumental::traced;

#[traced(objective(success = 101.0))]
fn f() {}

fn main() {}
