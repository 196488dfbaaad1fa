use instrumental::capture_errors;

#[capture_errors(ignore(Some(_)))]
fn f() -> Result<(), String> {
    Ok(())
}

fn main() {}
