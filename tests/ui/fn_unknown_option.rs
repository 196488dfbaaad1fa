use instrumental::traced;

#[traced(slw = "1s")]
fn f() {}

fn main() {}
