use instrumental::Outcome;

#[derive(Outcome)]
pub struct ContractError;

fn main() {}
