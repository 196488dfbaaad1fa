//! A program that reports a card number in every possible place. With `SCRUB` set, a processor masks it.

mod own;

use axum::Router;
use axum::routing::get;
use instrumental::processor::{Decision, Item, Processor};
use instrumental::{Level, User, business_event, capture_errors, traced};
use std::error::Error;
use std::fmt;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The card number of a place. Each place has its own, so that the test sees which of them are sent.
fn card(place: u64) -> String {
    number(place).to_string()
}

fn number(place: u64) -> u64 {
    4_111_000_000_000_000 + place
}

struct Scrub;

impl Processor for Scrub {
    fn process(&mut self, item: &mut Item<'_>) -> Decision {
        item.redact(|text| {
            let mut out = text.to_owned();
            while let Some(at) = out.find("4111") {
                let digits = out[at..].bytes().take_while(u8::is_ascii_digit).count();
                out.replace_range(at..at + digits, "[card]");
            }
            (out != text).then_some(out)
        });
        Decision::Keep
    }
}

#[derive(Debug)]
struct Refused(String, Option<Box<Refused>>);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused {}", self.0)
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

#[business_event("scrubbed.charged")]
struct Charged {
    card: String,
}

#[traced(text, number, on_failure(failed))]
#[capture_errors]
fn charge(text: &str, number: u64, failed: &str) -> Result<(), Refused> {
    Charged { card: card(7) }.emit();
    let cause = Refused(card(5), None);
    Err(Refused(card(4), Some(Box::new(cause))))
}

#[traced(slow = "1ns")]
fn request() {
    instrumental::set_user(User::id(card(8)).email(card(9)).role(card(10)));
    instrumental::set_tag("card", card(11));
    instrumental::set_tag(&card(12), "card");
    instrumental::breadcrumb(card(13));
    let _ = charge(&card(1), number(2), &card(3));
    tracing::info!(card = card(14), "charged {}", card(15));
    tracing::error!(card = number(16), "refused {}", card(17));
    instrumental::capture_message(format!("odd: {}", card(18)), Level::Warning);
    let error = Refused(card(19), None);
    instrumental::capture_error(&error)
        .with("card", card(20))
        .with(&card(21), "card")
        .send();
    let span = tracing::info_span!(
        "foreign",
        card = card(22),
        later = tracing::field::Empty,
        otel.name = card(23)
    );
    span.in_scope(|| {
        span.record("later", card(24));
        instrumental::capture_message(format!("within: {}", card(25)), Level::Error);
    });
    let _ = std::panic::catch_unwind(|| panic!("panicked with {}", card(6)));
}

#[traced]
async fn handler() -> &'static str {
    instrumental::capture_message("handled", Level::Error);
    "done"
}

/// Sends a request and returns the response.
fn ask(address: SocketAddr, path: &str, headers: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Headers of other services and clients.
fn headers() -> String {
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let members = format!(
        "sentry-trace_id={trace},sentry-public_key=k,sentry-transaction={},plain={}",
        card(27),
        card(28)
    );
    format!(
        "traceparent: 00-{trace}-b7ad6b7169203331-01\r\ntracestate: v={}\r\nbaggage: {members}\r\n\
         sentry-trace: {trace}-b7ad6b7169203331-1\r\nuser-agent: {}\r\n",
        card(29),
        card(30)
    )
}

fn datadog_headers() -> String {
    format!(
        "x-datadog-trace-id: 7\r\nx-datadog-parent-id: 8\r\nx-datadog-sampling-priority: 1\r\n\
         x-datadog-origin: {}\r\nx-datadog-tags: _dd.p.card={}\r\n",
        card(31),
        card(32)
    )
}

fn serve_requests() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let router = Router::new()
        .route("/pay/{card}", get(handler))
        .layer(instrumental::http::server());
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(async move { axum::serve(listener, router).await });
    let path = format!("/pay/{}?card={}", card(33), card(26));
    ask(address, &path, &headers())?;
    ask(address, &path, &datadog_headers())?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut builder = instrumental::builder();
    if std::env::var("SCRUB").is_ok() {
        builder = builder.processor(Scrub);
    }
    if let Some(own) = own::OwnExporter::of_environment() {
        builder = builder.exporter("own", own);
    }
    let telemetry = builder.init()?;
    request();
    serve_requests()?;
    telemetry.flush(Duration::from_secs(10))?;
    for page in telemetry.pages() {
        for path in ["/live.json?since=0", "/metrics"] {
            let accept = "accept: application/openmetrics-text\r\n";
            println!("page {path} {}", ask(page, path, accept)?);
        }
    }
    println!("lost {:?}", instrumental::lost());
    telemetry.shutdown_blocking(Duration::from_secs(10))?;
    Ok(())
}
