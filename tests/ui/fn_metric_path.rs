use instrumental::{catalog, traced};

#[catalog]
mod payments {
    /// Time.
    pub fn processing() -> Histogram<Seconds>;
}
#[traced(metric = payments::procesing())]
fn f() {}

fn main() {}
