use instrumental::Outcome;

pub struct Unclassified;

#[derive(Outcome)]
pub enum ServiceError {
    #[outcome(transparent)]
    Database(Unclassified),
}

#[derive(Outcome)]
pub enum Generic<T> {
    #[outcome(transparent)]
    Any(T),
}

fn main() {
    fn classified<T: instrumental::Classified>() {}
    classified::<Generic<Unclassified>>();
}
