use instrumental::traced;

#[traced(name("x"))]
fn f() {}

fn main() {}
