use instrumental::Label;

#[derive(Label, Clone, Copy)]
pub enum Trade {
    Plumbing,
    #[label("plumbing")]
    Pipes,
    HttpError,
    HTTPError,
}

fn main() {
    let _ = [Trade::Plumbing, Trade::Pipes, Trade::HttpError, Trade::HTTPError];
}
