use instrumental::traced;

#[traced(level = "loud")]
fn f() {}

fn main() {}
