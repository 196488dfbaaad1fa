use instrumental::traced;
use std::future::Future;

struct Request(u32);
fn consume(_: Request) {}

#[traced(on_failure(number = request.0))]
fn taken(request: Request) -> Result<(), u32> {
    consume(request);
    Ok(())
}

#[traced(on_failure(number = request.0))]
async fn taken_later(request: Request) -> Result<(), u32> {
    consume(request);
    Ok(())
}

#[traced(on_failure(number = request.0))]
fn returns_a_future(request: Request) -> impl Future<Output = Result<(), u32>> {
    async move {
        consume(request);
        Ok(())
    }
}

#[traced(on_failure(clone(request), number = request.0))]
fn not_clone(request: Request) -> Result<(), u32> {
    consume(request);
    Ok(())
}

fn main() {}
