use instrumental::traced;

#[traced(user, password)]
fn f(user: u32, password: &str) {}

fn main() {}
