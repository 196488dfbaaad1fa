use instrumental::instrument;

#[instrument]
fn f(user: u32, token: &str) {}

fn main() {}
