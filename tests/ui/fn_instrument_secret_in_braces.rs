use instrumental::instrument;

const API_KEY: &str = "id";

// A text is known, a constant is not.
#[instrument(fields({"user.password"} = 1, {API_KEY} = 2, {concat!("a", "b") 5} = 3, {} = 4, ?{API_KEY}))]
fn f() {}

fn main() {}
