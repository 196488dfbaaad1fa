#[traced(contract_id, on_failure(?request, total = request.items.len()))]
fn accepts(contract_id: u64, request: &Request) -> Result<(), Error> {
    check(contract_id, request)
}

#[traced(on_failure(?request, clone(order), order.id))]
#[capture_errors]
async fn accepts_later(request: Request, order: Order, mut rest: Vec<u8>) -> Result<(), Error> {
    ledger(&request).take(order, &mut rest).await
}

#[traced(on_failure(id))]
fn boxed(id: u64) -> BoxFuture<'static, ()> {
    Box::pin(work(id))
}

#[traced(on_failure(id))]
fn opaque(id: u64) -> impl Future<Output = ()> {
    work(id)
}

#[traced(on_failure(id))]
#[track_caller]
fn located(id: u64) {
    work(id)
}
