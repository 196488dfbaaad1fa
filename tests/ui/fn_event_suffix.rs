use instrumental::business_event;

#[business_event("bids.accepted_total")]
fn f() {}

fn main() {}
