use instrumental::capture_errors;

#[capture_errors(NotFound)]
fn f() -> Result<(), String> {
    Ok(())
}

fn main() {}
