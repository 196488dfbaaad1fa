use instrumental::instrument;

#[instrument(err(Pretty))]
fn f() -> Result<(), String> {
    Ok(())
}

fn main() {}
