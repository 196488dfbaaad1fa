use instrumental::traced;

#[traced]
const fn f() -> u32 {
    3
}

fn main() {}
