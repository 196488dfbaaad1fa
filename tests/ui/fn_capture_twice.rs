use instrumental::{capture_errors, traced};

#[traced]
#[capture_errors]
#[capture_errors]
fn f() -> Result<(), String> {
    Ok(())
}

fn main() {}
