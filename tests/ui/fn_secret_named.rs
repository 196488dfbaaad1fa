use instrumental::traced;

#[traced(fields(api_key = key))]
fn f(key: &str) {}

fn main() {}
