use instrumental::traced;

#[traced(%id + 1)]
fn f(id: u32) {}

fn main() {}
