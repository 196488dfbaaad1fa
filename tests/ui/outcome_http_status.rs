use instrumental::Outcome;

#[derive(Outcome)]
pub enum ContractError {
    #[outcome(client, http = 200)]
    NotFound,
    #[outcome(client, http = "409")]
    Conflict,
    #[outcome(server, http = 99999)]
    Busy,
    #[outcome(fatal = true)]
    Ledger,
}

fn main() {}
