//! How do I time a function, and see how often it fails?
//!
//! `cargo run -p instrumental --features logs --example how_do_i_time_a_function`

use instrumental::traced;

#[traced(id, slow = "1s")]
fn load(id: u32) -> Result<u32, String> {
    if id == 3 {
        return Err("three is not there".into());
    }
    Ok(id)
}

fn main() -> Result<(), instrumental::SetupError> {
    let _telemetry = instrumental::init()?;
    for id in 0..5 {
        let _ = load(id);
    }
    Ok(())
}
