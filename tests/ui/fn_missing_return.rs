use instrumental::traced;

#[traced]
fn f(id: u32) -> u32 {
    id + 1;
}

fn main() {}
