use instrumental::traced;

#[traced("name")]
fn f() {}

fn main() {}
