use instrumental::traced;

#[traced(on_failure(total = items.len()))]
fn changed(items: &mut Vec<u32>) -> Result<(), u32> {
    items.push(1);
    Ok(())
}

fn main() {}
