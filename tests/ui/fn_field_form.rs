use instrumental::traced;

#[traced(fields(id == 3, = 4, 5))]
fn f(id: u32) {}

fn main() {}
