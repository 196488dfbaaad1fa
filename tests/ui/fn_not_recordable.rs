use instrumental::traced;

struct Opaque;
#[traced(opaque)]
fn f(opaque: Opaque) {}

fn main() {}
