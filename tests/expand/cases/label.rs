#[derive(Label, Clone, Copy)]
pub enum Trade {
    Plumbing,
    #[label("hvac")]
    HeatingAndCooling,
}

#[derive(Label, Debug)]
pub enum ContractError<T> {
    NotFound(T),
    Conflict,
}
