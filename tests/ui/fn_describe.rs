use instrumental::{capture_errors, traced};

pub struct Opaque;

#[traced(describe = error)]
pub fn no_error() -> Result<(), String> {
    Err(String::new())
}

#[capture_errors]
#[traced(describe = display)]
pub fn not_displayed() -> Result<(), Opaque> {
    Err(Opaque)
}

#[traced(describe = shown)]
pub fn unknown() -> Result<(), String> {
    Err(String::new())
}

fn main() {}
