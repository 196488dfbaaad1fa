use instrumental::{business_event, capture_errors, traced};

#[traced(slw = "1s", missing, level = "loud")]
#[capture_errors(ignore())]
#[business_event("X")]
fn f(id: u32) -> Result<u32, String> {
    Ok(id)
}

fn main() {}
