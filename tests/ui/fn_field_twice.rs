use instrumental::traced;

#[traced(id, fields(id = 3))]
fn f(id: u32) {}

fn main() {}
