use instrumental::traced;

#[traced(slow = 5)]
fn f() {}

fn main() {}
