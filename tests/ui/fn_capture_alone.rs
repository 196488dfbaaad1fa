use instrumental::{business_event, capture_errors, traced};
use std::future::Future;

#[capture_errors]
fn nothing() {}

#[capture_errors]
fn unit() -> () {}

#[capture_errors]
async fn number() -> u32 {
    1
}

#[capture_errors]
fn reference(text: &str) -> &str {
    text
}

#[capture_errors]
fn never() -> ! {
    panic!()
}

#[capture_errors]
fn opaque() -> impl Iterator<Item = u32> {
    0..1
}

#[capture_errors]
fn future() -> impl Future<Output = bool> {
    async { true }
}

#[capture_errors]
#[business_event("payment.released")]
fn event() {}

// With `#[traced]`, or inherited from an item, it is accepted.
#[traced]
#[capture_errors]
fn traced_as_well() {}

struct S;
#[capture_errors]
impl S {
    fn of_an_item() {}
}

// These may return an error.
type Alias = Result<(), u8>;
#[capture_errors]
fn alias() -> Alias {
    Ok(())
}
#[capture_errors]
fn future_of_a_result() -> impl Future<Output = Result<(), u8>> {
    async { Ok(()) }
}

fn main() {}
