use instrumental::traced;

#[traced(slow)]
fn f() {}

fn main() {}
