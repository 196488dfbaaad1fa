use instrumental::traced;

#[traced]
async fn f(id: u32) -> Result<u32, String> {
    Ok("three")
}

fn main() {}
