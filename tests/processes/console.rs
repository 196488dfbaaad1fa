//! Programs that write to the console, selected by an argument. `it/console.rs` runs each in a separate process.

use instrumental::{
    InCurrentCall, Label, Level, User, business_event, capture_error, capture_errors,
    capture_message, catalog, set_tag, set_user, traced,
};
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// A value sent by a hostile user.
const HOSTILE: &str = "a\"b\\c\nERROR forged\r\u{1b}[31mred\u{0}\u{7f}\u{85}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{e0041}ü🦀";

#[derive(Debug, Label)]
enum Refused {
    NotFound(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::NotFound(id) = self;
        write!(f, "no contract {id}")
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&fmt::Error)
    }
}

/// Fails or panics in `Debug`.
struct Evil(&'static str);

impl fmt::Debug for Evil {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "fails" => Err(fmt::Error),
            _ => panic!("in Debug"),
        }
    }
}

#[catalog]
#[allow(unreachable_pub)]
mod console {
    /// Contracts that are open.
    pub fn open(city: Bounded<10>) -> Gauge;
}

use instrumental::Bounded;

/// Money left escrow.
#[business_event("payment.released")]
struct Released<'a> {
    #[measure(usd)]
    amount: f64,
    note: &'a str,
}

struct Service;

#[traced]
impl Service {
    #[traced(id, kind = server)]
    #[capture_errors]
    async fn release(&self, id: &str) -> Result<(), Refused> {
        set_user(User::id(id).email("ann@example.org"));
        set_tag("city", id);
        self.read(3);
        tracing::info_span!("query", table = "contracts").in_scope(|| self.read(1));
        let task = tokio::spawn(async { Service.read(2) }.in_current_call());
        task.await.unwrap_or_default();
        let _ = tokio::time::timeout(Duration::from_millis(2), self.waits()).await;
        Released {
            amount: 12.5,
            note: id,
        }
        .emit();
        Err(Refused::NotFound(id.to_owned()))
    }

    #[traced(rows)]
    fn read(&self, rows: u32) -> u32 {
        rows
    }

    async fn waits(&self) {
        std::future::pending::<()>().await;
    }

    #[traced(rows, slow = "1ms")]
    fn slow(&self, rows: u32) -> u32 {
        std::thread::sleep(Duration::from_millis(5));
        rows
    }

    fn many(&self) {
        for rows in 0..1000 {
            self.read(rows);
        }
    }
}

#[traced(on_failure(bid, %request))]
#[capture_errors]
fn accept(bid: u64, request: String) -> Result<(), Refused> {
    match bid {
        0 => Ok(()),
        1 => panic!("no bid {}", request.len()),
        _ => Err(Refused::NotFound("seven".to_owned())),
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

/// Emits one record of each kind, with `value` in every place that takes a user's value.
fn lines(value: &str) {
    tracing::info!(value, number = 7, "{value}");
    tracing::warn!(evil = ?Evil("panics"), after = 1, "still here");
    tracing::debug!(evil = ?Evil("fails"), float = f64::NAN, "still here");
    let _ = block_on(Service.release(value));
    capture_message(value, Level::Info);
    capture_error(&Refused::NotFound(value.to_owned()))
        .with("by hand", value)
        .send();
    console::open(Bounded::new(value)).set(2);
    Service.slow(9);
}

/// Values that are hard to write on one line.
fn corpus() {
    use std::os::unix::ffi::OsStrExt;
    let texts = [
        HOSTILE,
        "\r\n",
        "\0",
        "\u{1b}]0;title\u{7}",
        "\u{2028}\u{2029}",
        "\u{202e}\u{2066}",
        // Looks like half of an escaped surrogate pair.
        r"\ud800",
        r#"","level":"FORGED"#,
    ];
    for value in texts {
        tracing::info!(value, "{value}");
    }
    let bytes = std::ffi::OsStr::from_bytes(b"\xff\xc3(\xed\xa0\x80\n");
    tracing::info!(value = ?bytes, "{}", bytes.to_string_lossy());
    let long = "ü\n".repeat(10_000_000 / 3);
    tracing::info!(value = long.as_str(), "{long}");
}

/// Prints every counter with the values of its labels.
fn counters() {
    for sample in instrumental::samples() {
        let values = sample.labels().into_iter().map(|(_, value)| value);
        let labels = values.collect::<Vec<_>>().join(" ");
        if let instrumental::SampleValue::Counter(count) = sample.value {
            eprintln!("{} {labels} {count}", sample.name());
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = instrumental::init()?;
    let argument = std::env::args().nth(1).unwrap_or_default();
    match argument.as_str() {
        "lines" => lines(HOSTILE),
        "plain" => lines("seven"),
        "corpus" => corpus(),
        "many" => Service.many(),
        "failures" => {
            for bid in 0..3 {
                let _ = std::panic::catch_unwind(|| accept(bid, HOSTILE.to_owned()));
            }
        }
        "idle" => std::thread::sleep(Duration::from_secs(1)),
        "summary" => {
            lines("seven");
            telemetry.flush(Duration::from_secs(5))?;
            eprintln!("{}", instrumental::summary());
        }
        "bytes" => {
            lines(HOSTILE);
            telemetry.flush(Duration::from_secs(5))?;
            counters();
        }
        "flood" => {
            for n in 0..2000 {
                Service.read(n);
                if n % 100 == 0 {
                    Service.slow(n);
                }
            }
        }
        "closed" => {
            for n in 0..10_000 {
                tracing::info!(n, "into the void");
                if n % 1000 == 0 {
                    telemetry.flush(Duration::from_secs(5))?;
                }
            }
        }
        other => return Err(format!("no program {other:?}").into()),
    }
    telemetry.shutdown_blocking(Duration::from_secs(5))?;
    for (reason, count) in instrumental::lost() {
        eprintln!("{} {count}", reason.as_str());
    }
    Ok(())
}
