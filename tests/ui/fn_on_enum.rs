use instrumental::traced;

#[traced]
enum Trade {
    Roofing,
}

fn main() {}
