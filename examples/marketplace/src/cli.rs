//! The command line.

use std::net::SocketAddr;
use std::time::Duration;

/// What to run.
#[derive(Debug, PartialEq, Eq)]
pub enum Only {
    Everything,
    Api,
    Notifications,
}

/// The options.
#[derive(Debug)]
pub struct Cli {
    pub port: Option<u16>,
    pub database: Option<String>,
    pub traffic: bool,
    pub requests_per_second: u32,
    pub duration: Option<Duration>,
    pub linger: Duration,
    pub seed: u64,
    pub outage: u64,
    pub only: Only,
    pub notifications: Option<SocketAddr>,
}

pub const HELP: &str = "\
The back end of a home-services marketplace.

  --traffic                  drives it over HTTP, with realistic failures
  --requests-per-second N    journeys begun a second (10)
  --duration SECONDS         ends after that long (at Ctrl-C)
  --linger SECONDS           goes on serving after the traffic (0)
  --seed N                   of the traffic's chances (1)
  --outage PERCENT           of the payments find no card processor (0)
  --port N                   of the API, on loopback (8080; 0: any)
  --database URL             as sqlite:market.db (a temporary file)
  --only api|notifications   runs one of the two services
  --notifications ADDRESS    of the other service, with --only api
";

impl Cli {
    /// Reads the arguments.
    pub fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut cli = Self {
            port: None,
            database: None,
            traffic: false,
            requests_per_second: 10,
            duration: None,
            linger: Duration::ZERO,
            seed: 1,
            outage: 0,
            only: Only::Everything,
            notifications: None,
        };
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or_else(|| format!("{argument} wants a value"))
            };
            let wrong = |value: &str| format!("{argument}: {value} is no such value");
            match argument.as_str() {
                "--traffic" => cli.traffic = true,
                "--port" => cli.port = Some(parse(&value()?, wrong)?),
                "--database" => cli.database = Some(value()?),
                "--requests-per-second" => cli.requests_per_second = parse(&value()?, wrong)?,
                "--duration" => cli.duration = Some(Duration::from_secs(parse(&value()?, wrong)?)),
                "--linger" => cli.linger = Duration::from_secs(parse(&value()?, wrong)?),
                "--outage" => cli.outage = parse(&value()?, wrong)?,
                "--seed" => cli.seed = parse(&value()?, wrong)?,
                "--notifications" => cli.notifications = Some(parse(&value()?, wrong)?),
                "--only" => {
                    cli.only = match value()?.as_str() {
                        "api" => Only::Api,
                        "notifications" => Only::Notifications,
                        other => return Err(wrong(other)),
                    }
                }
                other => return Err(format!("unknown option {other}\n\n{HELP}")),
            }
        }
        Ok(cli)
    }
}

fn parse<T: std::str::FromStr>(
    value: &str,
    wrong: impl FnOnce(&str) -> String,
) -> Result<T, String> {
    value.parse().map_err(|_| wrong(value))
}
