//! How do I send what is reported to a backend of my own?
//!
//! `cargo run -p instrumental --example how_do_i_write_my_own_exporter`

use instrumental::export::{Batch, ExportError, Exporter};
use instrumental::{health, traced};
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

/// Sends a line for each span to whatever listens there. The queue, retries and the account are not its business.
struct Lines(String);

impl Exporter for Lines {
    fn export(&mut self, batch: &Batch<'_>) -> Result<(), ExportError> {
        let mut lines = String::new();
        for span in batch.spans() {
            lines += &format!("{} took {:?}\n", span.name(), span.duration());
        }
        // An I/O error is tried again later; `ExportError` has constructors for the other cases.
        let mut stream = TcpStream::connect(&self.0)?;
        stream.set_write_timeout(Some(batch.time_left()))?;
        stream.write_all(lines.as_bytes())?;
        Ok(())
    }
}

#[traced(order)]
fn ship(order: u32) -> u32 {
    order + 1
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let backend = std::net::TcpListener::bind("127.0.0.1:0")?;
    let exporter = Lines(backend.local_addr()?.to_string());
    let telemetry = instrumental::builder().exporter("lines", exporter).init()?;
    ship(7);
    telemetry.shutdown_blocking(Duration::from_secs(5))?;
    for backend in health().iter().filter(|backend| backend.backend == "lines") {
        for (signal, account) in &backend.accounts {
            println!("{}: {} delivered", signal.as_str(), account.delivered);
        }
    }
    Ok(())
}
