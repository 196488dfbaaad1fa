use instrumental::traced;

#[traced(slow = "1 fortnight")]
fn f() {}

fn main() {}
