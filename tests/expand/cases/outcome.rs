#[derive(Outcome)]
pub enum ContractError {
    #[outcome(expected)]
    NotFound(u64),
    #[outcome(client, http = 409)]
    Conflict,
    #[outcome(fatal, page)]
    #[label("ledger_broken")]
    Ledger { off_by: i64 },
    #[outcome(transparent)]
    Database(db::Error),
    #[outcome(transparent)]
    #[label("bank")]
    Bank { source: Box<bank::Error> },
}
