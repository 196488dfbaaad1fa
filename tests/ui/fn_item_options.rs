use instrumental::{business_event, capture_errors, instrument, traced};

struct S;

#[traced(name = "one", args, skip(secrt))]
impl S {
    fn login(&self, secret: &str) {}
}

#[capture_errors]
#[business_event("bid.accepted")]
impl S {
    fn two(&self) {}
}

#[traced]
#[instrument]
trait T {
    fn three(&self) {}
}

#[traced(args, skip(secrt))]
mod m {
    fn login(secret: &str) {}
}

#[traced(skip)]
mod n {}

#[traced]
mod outer {
    struct Inner;
    #[traced(on_failure(?id))]
    impl Inner {
        fn f(&self, id: u32) {}
    }
}

fn main() {}
