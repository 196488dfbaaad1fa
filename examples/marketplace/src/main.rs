//! The back end of a home-services marketplace: jobs, bids, contracts, payments, and a notification service.
//!
//! Written as a user of `instrumental` would write it. `cargo run -p marketplace -- --traffic` shows it at work.

mod alerts;
mod app;
mod auth;
mod bids;
mod cli;
mod client;
mod completion;
mod contracts;
mod db;
mod error;
mod jobs;
mod notifications;
mod payments;
mod router;
mod signals;
mod traffic;

use clap::Parser as _;
use cli::{Cli, Service};
use client::Client;
use db::Database;
use std::error::Error;
use std::fmt::Display;
use std::io::{ErrorKind, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::Instant;
use traffic::{Plan, Totals};

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let cli = Cli::parse();
    let telemetry = instrumental::init()?;
    let totals = serve(&cli).await?;
    // The summary is printed at the end of telemetry, the traffic's totals after it, so that the two can be compared.
    telemetry.shutdown(Duration::from_secs(5)).await?;
    if let Some(totals) = totals {
        print(totals)?;
    }
    Ok(())
}

/// Prints a line. A reader that stopped reading, as `head` does, is not an error.
fn print(text: impl Display) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Runs the services until the end; returns the totals of the traffic, if there was any.
async fn serve(cli: &Cli) -> Result<Option<Arc<Totals>>, Failure> {
    let notifications = match cli.notifications {
        Some(address) => address,
        None => {
            let alone = cli.only == Some(Service::Notifications);
            start(notifications::router(), cli.port.filter(|_| alone)).await?
        }
    };
    tracing::info!("notifications at http://{notifications}");
    if cli.only == Some(Service::Notifications) {
        end(cli.duration).await;
        return Ok(None);
    }
    let database = Database::open(cli.database.as_deref()).await?;
    let app = app::App {
        db: database.pool.clone(),
        notifications: notifications::NotificationService::at(Client::new(notifications)?),
    };
    let address = start(router::router(app), Some(cli.port.unwrap_or(8080))).await?;
    tracing::info!("marketplace at http://{address}");
    let totals = if cli.traffic {
        Some(drive(cli, &database, address).await?)
    } else {
        end(cli.duration).await;
        None
    };
    // Lets notifications that are under way finish, and a scraper read the last values.
    tokio::time::sleep(cli.linger.max(Duration::from_millis(100))).await;
    database.close().await;
    Ok(totals)
}

/// Sends traffic to the API until its time is over, or the process is asked to end.
async fn drive(
    cli: &Cli,
    database: &Database,
    address: SocketAddr,
) -> Result<Arc<Totals>, Failure> {
    let totals = Arc::new(Totals::default());
    let plan = Plan {
        client: Client::outside(address)?,
        per_second: cli.requests_per_second,
        until: cli.duration.map(|duration| Instant::now() + duration),
        seed: cli.seed,
        outage: cli.outage,
    };
    tokio::select! {
        () = traffic::run(&database.pool, &plan, &totals) => {}
        () = end(None) => {}
    }
    Ok(totals)
}

/// Serves on loopback. Takes any free port if the given one is in use.
async fn start(router: axum::Router, port: Option<u16>) -> Result<SocketAddr, Failure> {
    let port = port.unwrap_or(0);
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!("port {port} cannot be used ({error}); using a free one");
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?
        }
    };
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Waits for Ctrl-C, SIGTERM, or the end of the time.
async fn end(after: Option<Duration>) {
    let time = async {
        match after {
            Some(after) => tokio::time::sleep(after).await,
            None => std::future::pending().await,
        }
    };
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = time => {}
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
