use instrumental::traced;

#[traced(kind = sever)]
fn f() {}

fn main() {}
