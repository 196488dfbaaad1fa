use instrumental::Outcome;

#[derive(Outcome)]
pub enum ContractError {
    #[outcome(expcted)]
    NotFound,
    #[outcome(transient)]
    Busy,
    #[outcome(client, retry)]
    Conflict,
    #[outcome(page)]
    Ledger,
    #[outcome]
    Lost,
    #[outcome("client")]
    Named,
}

fn main() {}
