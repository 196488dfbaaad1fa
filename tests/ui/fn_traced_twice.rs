use instrumental::traced;

#[traced]
#[traced(slow = "1s")]
fn f() {}

fn main() {}
