use instrumental::traced;

struct S;
#[traced(id)]
impl S {
    fn f(&self, id: u32) {}
}

fn main() {}
