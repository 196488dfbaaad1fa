use instrumental::traced;

#[traced(skip(b))]
fn f(a: u32, b: u32) {}

fn main() {}
