use instrumental::instrument;

#[instrument(skip(hash))]
fn f(id: u32) {}

fn main() {}
