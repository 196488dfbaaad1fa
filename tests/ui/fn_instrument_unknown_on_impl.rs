// `tracing::instrument` goes on functions alone: on an item a typo is refused.
use instrumental::instrument;

struct S;

#[instrument(skipall, level = "debug")]
impl S {
    fn f(&self) {}
}

fn main() {}
