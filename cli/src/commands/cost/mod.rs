//! `cost`: what a running service reports, as a monthly bill.

mod bill;
mod estimate;
mod prices;
mod report;
mod savings;
mod usage;

use crate::error::Error;
use crate::exposition::{self, Page};
use crate::io;
use crate::progress::Spinner;
use crate::session::Session;
use crate::table::Width;
use bill::Biller;
use clap::Args;
use estimate::Bill;
use prices::Prices;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use usage::Usage;

/// The default address of the page.
const URL: &str = "http://127.0.0.1:9464/metrics";
/// How long the service is measured by default, in seconds.
const WATCH: f64 = 10.0;
/// The timeout of a request.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum size of a page.
const MAX_SIZE: u64 = 64 << 20;

/// Estimates what a running service costs per month, and what would reduce the cost.
///
/// Reads the service's Prometheus page twice and multiplies the rates by a price file.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  cargo instrumental cost --metrics http://shop:9464/metrics --instances 4"
)]
pub(crate) struct Cost {
    /// The service's Prometheus page [default: http://127.0.0.1:9464/metrics].
    #[arg(long, value_name = "URL", conflicts_with = "scrape")]
    metrics: Option<String>,
    /// A saved page. May be given twice, the earlier one first, with --seconds.
    #[arg(long, value_name = "FILE")]
    scrape: Vec<PathBuf>,
    /// The seconds between two saved pages.
    #[arg(long, value_name = "SECONDS", value_parser = positive, requires = "scrape")]
    seconds: Option<f64>,
    /// The seconds to measure the service [default: 10]. With one saved page, the seconds since the service started.
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    over: Option<f64>,
    /// A price file [default: rules of thumb and public list prices].
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Write the default prices to this file and exit.
    #[arg(long, value_name = "FILE")]
    write_prices: Option<PathBuf>,
    /// The number of instances of the service.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    instances: u32,
    /// The sample rate for which to calculate the saving.
    #[arg(long, value_name = "RATE", default_value_t = 0.1, value_parser = rate)]
    sample_rate: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    let number = number.filter(|number| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "expected a number of seconds above 0".into())
}

fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    let number = number.filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a number from 0 to 1".into())
}

#[derive(Serialize)]
struct Report<'a> {
    usage: &'a Usage,
    bill: &'a Bill,
}

impl Cost {
    pub(crate) fn run(&self, _: &Session) -> Result<ExitCode, Error> {
        match &self.write_prices {
            Some(file) => prices::write(file)?,
            None => self.estimate()?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Prints the estimate.
    fn estimate(&self) -> Result<(), Error> {
        let prices = Prices::read(self.prices.as_deref())?;
        let usage = self.usage()?;
        let biller = Biller {
            usage: &usage,
            prices: &prices,
            instances: f64::from(self.instances),
        };
        let bill = estimate::bill(&biller, self.sample_rate);
        let text = match self.json {
            true => io::json(&Report {
                usage: &usage,
                bill: &bill,
            })?,
            false => report::render(&usage, &bill, Width::of_stdout()),
        };
        io::print(&text)
    }

    fn usage(&self) -> Result<Usage, Error> {
        match (self.scrape.as_slice(), self.seconds, self.over) {
            ([], _, over) => self.watch(over.unwrap_or(WATCH)),
            ([one], None, Some(over)) => Ok(usage::between(None, &saved(one)?, over)),
            ([earlier, later], Some(seconds), None) => {
                let (earlier, later) = (saved(earlier)?, saved(later)?);
                Ok(usage::between(Some(&earlier), &later, seconds))
            }
            ([_], _, _) => Err(Error::new(
                "one page has no rates; use --over for the seconds since the service started, or give a later page (--scrape) \
                 and the --seconds between them",
            )),
            ([_, _], _, _) => Err(Error::new(
                "two pages require --seconds, and do not allow --over",
            )),
            _ => Err(Error::new("--scrape may be given at most twice")),
        }
    }

    fn watch(&self, seconds: f64) -> Result<Usage, Error> {
        let url = address(self.metrics.as_deref().unwrap_or(URL));
        let earlier = fetch(&url)?;
        let spinner = Spinner::new(format!("measuring for {seconds} s"));
        let began = Instant::now();
        std::thread::sleep(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
        let later = fetch(&url)?;
        drop(spinner);
        let seconds = began.elapsed().as_secs_f64();
        Ok(usage::between(Some(&earlier), &later, seconds))
    }
}

/// Completes a URL such as `localhost:9464`.
fn address(url: &str) -> String {
    let url = if url.contains("://") {
        url.to_owned()
    } else {
        format!("http://{url}")
    };
    let host = url.find("://").map_or(0, |at| at + 3);
    match url[host..].contains('/') {
        true => url,
        false => url + "/metrics",
    }
}

/// Returns a URL without user and password.
fn shown(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    let host = url[start..end]
        .rfind('@')
        .map_or(start, |at| start + at + 1);
    format!("{}{}", &url[..start], &url[host..])
}

fn fetch(url: &str) -> Result<Page, Error> {
    let shown = shown(url);
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .build();
    let request = ureq::Agent::new_with_config(config).get(url);
    let answer = request.header("accept", "text/plain; version=0.0.4").call();
    let mut answer = answer.map_err(|error| {
        Error::new(format!("cannot reach {shown} ({error}): check that the service is running with PROMETHEUS_PORT set, or use --metrics for another page"))
    })?;
    let status = answer.status();
    if !status.is_success() {
        return Err(Error::new(format!(
            "{shown} answers {status} instead of metrics"
        )));
    }
    let text = answer
        .body_mut()
        .with_config()
        .limit(MAX_SIZE)
        .read_to_string();
    let text = text.map_err(|error| Error::new(format!("cannot read {shown}: {error}")))?;
    page(&text, &shown)
}

fn saved(file: &Path) -> Result<Page, Error> {
    page(&io::read(file)?, &file.display().to_string())
}

fn page(text: &str, source: &str) -> Result<Page, Error> {
    exposition::parse(text).map_err(|why| {
        Error::new(format!(
            "{source} is not a page of Prometheus metrics: {why}"
        ))
    })
}

#[cfg(test)]
mod service_tests;
#[cfg(test)]
mod tests;
