use instrumental::traced;

#[traced(contract_if)]
fn f(contract_id: u32, other: u32) {}

fn main() {}
