use instrumental::business_event;

#[business_event("bid.accepted", on = Some(receipt))]
fn of_a_result() -> Result<u32, String> {
    Ok(1)
}

#[business_event("bid.accepted", on = Ok(receipt), receipt = receipt)]
async fn of_an_option() -> Option<u32> {
    Some(1)
}

fn main() {}
