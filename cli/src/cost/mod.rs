//! `cost`: what a running service reports, as a monthly bill, with what spends most and what would save some of it.

mod bill;
mod prices;
mod report;
mod savings;
mod usage;

use crate::exposition::{self, Page};
use crate::failure::Failure;
use crate::table::terminal_width;
use crate::{input, output};
use bill::{Bill, Biller};
use clap::Args;
use prices::Prices;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use usage::Usage;

/// Where a service of this library serves its page unless told otherwise.
const URL: &str = "http://127.0.0.1:9464/metrics";
/// How long a service is watched.
const WATCH: f64 = 10.0;
/// How long a page may take, and how large it may be.
const PATIENCE: Duration = Duration::from_secs(10);
const LARGEST: u64 = 64 << 20;

/// What is billed.
#[derive(Args, Debug)]
pub(crate) struct Cost {
    /// The service's Prometheus page [http://127.0.0.1:9464/metrics]. Read twice, some seconds apart.
    #[arg(long, value_name = "URL", conflicts_with = "scrape")]
    metrics: Option<String>,
    /// A saved page; given twice, the earlier one first, with --seconds.
    #[arg(long, value_name = "FILE")]
    scrape: Vec<PathBuf>,
    /// Seconds between two saved pages.
    #[arg(long, value_name = "SECONDS", value_parser = positive, requires = "scrape")]
    seconds: Option<f64>,
    /// Seconds that the service is watched, 10 unless given; of one saved page: seconds that the service had been running.
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    over: Option<f64>,
    /// A file of prices; rules of thumb and public list prices unless given.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Writes the default prices to this file, to be edited, and does nothing else.
    #[arg(long, value_name = "FILE")]
    write_prices: Option<PathBuf>,
    /// How many instances of the service there are.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    instances: u32,
    /// The sample rate of traces whose saving is told.
    #[arg(long, value_name = "RATE", default_value_t = 0.1, value_parser = rate)]
    sample_rate: f64,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    let number = number.filter(|number| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "a number of seconds above zero is wanted".into())
}

fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    let number = number.filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "a number from 0 to 1 is wanted".into())
}

#[derive(Serialize)]
struct Report<'a> {
    usage: &'a Usage,
    bill: &'a Bill,
}

impl Cost {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        if let Some(file) = &self.write_prices {
            return prices::write(file);
        }
        let prices = Prices::read(self.prices.as_deref())?;
        let usage = self.usage()?;
        let bill = Biller {
            usage: &usage,
            prices: &prices,
            instances: f64::from(self.instances),
            rate: self.sample_rate,
        };
        let bill = bill.bill();
        let text = match self.json {
            true => output::json(&Report {
                usage: &usage,
                bill: &bill,
            })?,
            false => report::render(&usage, &bill, terminal_width()),
        };
        output::print(&text)
    }

    fn usage(&self) -> Result<Usage, Failure> {
        match (self.scrape.as_slice(), self.seconds, self.over) {
            ([], _, over) => self.watch(over.unwrap_or(WATCH)),
            ([one], None, Some(over)) => Ok(usage::between(None, &saved(one)?, over)),
            ([earlier, later], Some(seconds), None) => {
                let (earlier, later) = (saved(earlier)?, saved(later)?);
                Ok(usage::between(Some(&earlier), &later, seconds))
            }
            ([_], _, _) => Err(Failure::new(
                "one page has no rates: say how many seconds the service had been running (--over), or give a later \
                 one (--scrape) and the --seconds between them",
            )),
            ([_, _], _, _) => Err(Failure::new(
                "say how many --seconds are between the two pages, and no --over",
            )),
            _ => Err(Failure::new("--scrape is given at most twice")),
        }
    }

    fn watch(&self, seconds: f64) -> Result<Usage, Failure> {
        let url = address(self.metrics.as_deref().unwrap_or(URL));
        let earlier = fetch(&url)?;
        let began = Instant::now();
        std::thread::sleep(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
        let later = fetch(&url)?;
        let seconds = began.elapsed().as_secs_f64();
        Ok(usage::between(Some(&earlier), &later, seconds))
    }
}

/// `localhost:9464` is enough.
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

/// An address that may be shown: without user and password.
fn shown(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    let host = url[start..end]
        .rfind('@')
        .map_or(start, |at| start + at + 1);
    format!("{}{}", &url[..start], &url[host..])
}

fn fetch(url: &str) -> Result<Page, Failure> {
    let shown = shown(url);
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .build();
    let request = ureq::Agent::new_with_config(config).get(url);
    let answer = request.header("accept", "text/plain; version=0.0.4").call();
    let mut answer = answer.map_err(|error| {
        Failure::new(format!("{shown} is not to be reached ({error}): is the service running, with PROMETHEUS_PORT set? Another page is named by --metrics"))
    })?;
    let status = answer.status();
    if !status.is_success() {
        return Err(Failure::new(format!(
            "{shown} answers {status}, and no page of metrics"
        )));
    }
    let text = answer
        .body_mut()
        .with_config()
        .limit(LARGEST)
        .read_to_string();
    let text = text.map_err(|error| Failure::new(format!("{shown} is not to be read: {error}")))?;
    page(&text, &shown)
}

fn saved(file: &Path) -> Result<Page, Failure> {
    page(&input::read(file)?, &file.display().to_string())
}

fn page(text: &str, source: &str) -> Result<Page, Failure> {
    exposition::parse(text)
        .map_err(|why| Failure::new(format!("{source} is no page of Prometheus metrics: {why}")))
}

#[cfg(test)]
mod tests;
