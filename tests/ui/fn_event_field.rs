use instrumental::business_event;

#[business_event("bid.accepted", bid)]
fn f(bid_id: u32) {}

fn main() {}
