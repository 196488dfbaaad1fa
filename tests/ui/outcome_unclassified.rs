use instrumental::Outcome;

#[derive(Outcome)]
pub enum ContractError {
    #[outcome(expected)]
    NotFound,
    Conflict,
    #[outcome(retry)]
    Busy,
    Ledger(u8),
}

fn main() {}
