use instrumental::traced;

#[traced(slow = "1s", slow = "2s")]
fn f() {}

fn main() {}
