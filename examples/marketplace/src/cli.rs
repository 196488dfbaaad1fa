//! The command line.

use clap::{Parser, ValueEnum};
use std::net::SocketAddr;
use std::num::ParseIntError;
use std::time::Duration;

/// The back end of a home-services marketplace.
#[derive(Debug, Parser)]
pub(crate) struct Cli {
    /// Send traffic over HTTP, with realistic failures.
    #[arg(long)]
    pub traffic: bool,
    /// Journeys to begin per second.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub requests_per_second: u32,
    /// Stop after this time; at Ctrl-C by default.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub duration: Option<Duration>,
    /// Keep serving for this time after the traffic.
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    pub linger: Duration,
    /// The seed of the traffic's random choices.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The percentage of payments for which the card processor is down.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    pub outage: u64,
    /// The port of the API on loopback; 0 picks a free one.
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// The database, such as `sqlite:market.db`; a temporary file by default.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Run only one of the two services.
    #[arg(long, value_name = "SERVICE")]
    pub only: Option<Service>,
    /// The address of the notification service, required by `--only api`.
    #[arg(long, value_name = "ADDRESS", required_if_eq("only", "api"))]
    pub notifications: Option<SocketAddr>,
}

/// One of the two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Service {
    Api,
    Notifications,
}

fn seconds(text: &str) -> Result<Duration, ParseIntError> {
    text.parse().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    #[test]
    fn the_options_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_api_alone_requires_an_address_of_the_other_service() {
        let read = |arguments: &[&str]| Cli::try_parse_from([&["marketplace"], arguments].concat());
        let missing = read(&["--only", "api"]).expect_err("no address");
        assert_eq!(missing.kind(), ErrorKind::MissingRequiredArgument);
        let cli = read(&["--only", "api", "--notifications", "127.0.0.1:1"]).expect("valid");
        assert_eq!(cli.only, Some(Service::Api));
        read(&["--only", "notifications", "--duration", "3"]).expect("valid");
    }
}
