use instrumental::{catalog, traced};

#[catalog]
mod payments {
    /// Bytes.
    pub fn size() -> Histogram<Bytes>;
}
#[traced(metric = payments::size())]
fn f() {}

fn main() {}
