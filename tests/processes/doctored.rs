//! A service for `cargo instrumental` to inspect. `doctored serve` serves until its input ends; with `bare`, without the
//! server layer.

use axum::Router;
use axum::routing::get;
use instrumental::{business_event, capture_errors, catalog, traced};
use std::error::Error;
use std::io::Read as _;

#[catalog]
#[allow(unreachable_pub)]
mod payments {
    /// Payments processed.
    pub fn processed() -> Counter;
}

/// A payment went out.
#[business_event("payment.released")]
struct Released {
    contract_id: u64,
}

#[traced(
    contract_id,
    owner = "payments",
    objective(success = 99.9, latency = "250ms", at = 99.0)
)]
#[capture_errors]
fn release(contract_id: u64) -> Result<(), std::io::Error> {
    if contract_id == 0 {
        return Err(std::io::Error::other("no contract"));
    }
    payments::processed().increment(1);
    Released { contract_id }.emit();
    Ok(())
}

/// Notifies a customer.
#[traced(kind = client)]
fn notify(works: bool) -> Result<(), std::fmt::Error> {
    if works { Ok(()) } else { Err(std::fmt::Error) }
}

async fn page() -> &'static str {
    let _ = (release(1), notify(true));
    "ok"
}

fn main() -> Result<(), Box<dyn Error>> {
    // In manifest mode, `init` exits and the code after it does not run.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let telemetry = instrumental::builder()
        .service("doctored")
        .trace_tree(false)
        .summary(false)
        .init()?;
    if !has("serve") {
        println!("works");
        return Ok(());
    }
    let router = Router::new().route("/", get(page));
    let router = match has("bare") {
        true => router,
        false => router.layer(instrumental::http::server()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("service http://{}/", listener.local_addr()?);
        for page in telemetry.pages() {
            println!("metrics http://{page}/metrics");
        }
        println!("ready");
        let end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        let until = async { drop(end.await) };
        axum::serve(listener, router)
            .with_graceful_shutdown(until)
            .await?;
        Ok::<(), Box<dyn Error>>(())
    })
}
