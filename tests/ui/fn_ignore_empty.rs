use instrumental::capture_errors;

#[capture_errors(ignore())]
fn f() -> Result<(), String> {
    Ok(())
}

fn main() {}
