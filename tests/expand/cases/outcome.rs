#[derive(Outcome)]
pub enum ContractError {
    #[outcome(expected)]
    NotFound(u64),
    #[outcome(client, http = 409)]
    Conflict,
    #[outcome(fatal, page)]
    #[label("ledger_broken")]
    Ledger { off_by: i64 },
}
