use instrumental::traced;

#[traced(skip)]
fn f() {}

fn main() {}
