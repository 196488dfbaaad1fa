use instrumental::traced;

#[traced]
fn f(id: u32) -> Result<u32, String> {
    let text: String = id;
    Ok(text.len() as u32)
}

fn main() {}
