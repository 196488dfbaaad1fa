use instrumental::Outcome;

#[derive(Outcome)]
pub enum DatabaseError {
    #[outcome(expected)]
    NoRow,
}

#[derive(Outcome)]
pub enum ServiceError {
    #[outcome(transparent)]
    Nothing,
    #[outcome(transparent)]
    Two(DatabaseError, u8),
    #[outcome(transparent)]
    Named { source: DatabaseError, at: u8 },
    #[outcome(transparent, client)]
    Classified(DatabaseError),
    #[outcome(transparent, http = 404, page)]
    Answered(DatabaseError),
    #[outcome(transparant)]
    Misspelt(DatabaseError),
}

fn main() {}
