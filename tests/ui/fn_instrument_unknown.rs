use instrumental::instrument;

#[instrument(skipall)]
fn f(id: u32) {}

fn main() {}
