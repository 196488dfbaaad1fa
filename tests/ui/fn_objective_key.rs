use instrumental::traced;

#[traced(objective(sucess = 99.0))]
fn f() {}

fn main() {}
