//! How do I measure how long a function takes and how often it fails?
//!
//! `cargo run -p instrumental --features logs --example how_do_i_time_a_function`

use instrumental::traced;

#[traced(id, slow = "1s")]
fn load(id: u32) -> Result<u32, String> {
    if id == 3 {
        return Err("there is no item 3".into());
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
