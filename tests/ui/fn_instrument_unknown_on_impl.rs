// `tracing::instrument` does not go on items, so a typo there is an error.
use instrumental::instrument;

struct S;

#[instrument(skipall, level = "debug")]
impl S {
    fn f(&self) {}
}

fn main() {}
