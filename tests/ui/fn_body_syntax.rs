use instrumental::traced;

#[traced]
fn f() -> u32 {
    let x = ;
    x
}

fn main() {}
