use instrumental::capture_errors;

#[capture_errors]
struct Job;

fn main() {}
