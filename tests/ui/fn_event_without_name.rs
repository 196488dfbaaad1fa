use instrumental::business_event;

#[business_event]
fn f() {}

fn main() {}
