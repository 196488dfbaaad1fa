use instrumental::traced;

#[traced(none = "fatal")]
fn f() -> Option<u32> {
    None
}

fn main() {}
