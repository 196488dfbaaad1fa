use instrumental::business_event;

#[business_event("Bid Accepted")]
fn f() {}

fn main() {}
