use instrumental::traced;

#[traced(colour(red))]
fn f() {}

fn main() {}
