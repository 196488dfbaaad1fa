use instrumental::instrument;

const API_KEY: &str = "id";

// The text of a literal is known, that of a constant is not.
#[instrument(fields({"user.password"} = 1, {API_KEY} = 2, {concat!("a", "b") 5} = 3, {} = 4, ?{API_KEY}))]
fn f() {}

fn main() {}
