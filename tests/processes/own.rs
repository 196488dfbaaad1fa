//! An exporter that uses only the public trait: it posts a line of text per item over HTTP.

use instrumental::export::{Batch, ExportError, Exporter};
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub(crate) struct OwnExporter {
    address: SocketAddr,
    /// How the exporter misbehaves: `panics`, `hangs` beyond its deadline, or `partly` rejects a batch.
    fault: String,
}

impl OwnExporter {
    /// The exporter configured by the environment.
    pub(crate) fn of_environment() -> Option<Self> {
        let address = std::env::var("OWN_EXPORTER").ok()?;
        Some(Self {
            address: address.parse().ok()?,
            fault: std::env::var("OWN_FAULT").unwrap_or_default(),
        })
    }

    /// Posts a text and returns the status.
    fn post(&self, body: &str, batch: &Batch<'_>) -> io::Result<u16> {
        let mut stream = TcpStream::connect_timeout(&self.address, time_left(batch)?)?;
        stream.set_write_timeout(Some(time_left(batch)?))?;
        let length = body.len();
        let signal = batch.signal().as_str();
        write!(
            stream,
            "POST /own/{signal} HTTP/1.1\r\nHost: own\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = Vec::new();
        let mut part = [0; 1024];
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
            stream.set_read_timeout(Some(time_left(batch)?))?;
            let read = stream.read(&mut part)?;
            if read == 0 || answer.len() > 1 << 16 {
                return Err(io::ErrorKind::InvalidData.into());
            }
            answer.extend_from_slice(&part[..read]);
        }
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.strip_prefix("HTTP/1.1 ");
        let status = status.and_then(|rest| rest.get(..3)?.parse().ok());
        status.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

fn time_left(batch: &Batch<'_>) -> io::Result<Duration> {
    let left = batch.time_left();
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(left)
}

/// Writes everything in a batch as text.
fn text(batch: &Batch<'_>) -> String {
    let mut out = format!("{} {}\n", batch.resource().service(), batch.len());
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    for span in batch.spans() {
        let events: Vec<_> = span.events().map(|event| event.attributes()).collect();
        let error = span.reported_error().map(|error| error.message());
        line(format!(
            "span {} {:?} {events:?} {error:?}",
            span.name(),
            span.attributes()
        ));
    }
    for error in batch.errors() {
        let causes: Vec<_> = error.causes().collect();
        line(format!("error {} {causes:?}", error.message()));
        line(format!("{:?} {:?}", error.user(), error.breadcrumbs()));
        line(format!("{:?} {:?}", error.tags(), error.extra()));
        line(format!("{:?} {}", error.span_attributes(), error.stack()));
    }
    for log in batch.logs() {
        line(format!("log {:?}", log.attributes()));
    }
    for event in batch.events() {
        line(format!("event {} {:?}", event.name(), event.attributes()));
    }
    for metric in batch.metrics() {
        line(format!(
            "metric {} {:?} {}",
            metric.name(),
            metric.kind(),
            metric.unit()
        ));
    }
    out
}

impl Exporter for OwnExporter {
    fn export(&mut self, batch: &Batch<'_>) -> Result<(), ExportError> {
        match self.fault.as_str() {
            "panics" => panic!("on purpose"),
            "hangs" => loop {
                std::thread::park();
            },
            "partly" => return Err(ExportError::partly_rejected(1, "one too many")),
            _ => {}
        }
        match self.post(&text(batch), batch)? {
            200..=299 => Ok(()),
            status @ (429 | 500..=599) => Err(ExportError::retry(format!("HTTP {status}"))),
            status => Err(ExportError::rejected(format!("HTTP {status}"))),
        }
    }
}
