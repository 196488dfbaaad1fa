//! The back end of a home-services marketplace: jobs, bids, contracts, payments, and a notification service.
//!
//! Written as a user of `instrumental` would write it. `cargo run -p marketplace -- --traffic` shows it at work.

// A program exports nothing; its items are public to each other.
#![allow(unreachable_pub, missing_docs)]

mod alerts;
mod app;
mod auth;
mod bids;
mod cli;
mod client;
mod contracts;
mod db;
mod error;
mod jobs;
mod notifications;
mod payments;
mod signals;
mod traffic;

use cli::{Cli, Only};
use client::Client;
use std::error::Error;
use std::io::{ErrorKind, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    if std::env::args().any(|argument| argument == "--help" || argument == "-h") {
        return print(cli::HELP.trim_end());
    }
    let cli = Cli::read(std::env::args().skip(1)).unwrap_or_else(|wrong| {
        eprintln!("{wrong}");
        std::process::exit(2)
    });
    let telemetry = instrumental::init()?;
    let totals = serve(&cli).await?;
    // The summary comes with the end of telemetry, what the traffic did after it: the two can be compared.
    telemetry.shutdown(Duration::from_secs(5)).await?;
    if let Some(totals) = totals {
        print(totals)?;
    }
    Ok(())
}

/// Prints a line. Whoever reads may have seen enough, as `head` has: that is no fault.
fn print(text: impl std::fmt::Display) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

async fn serve(cli: &Cli) -> Result<Option<std::sync::Arc<traffic::Totals>>, Failure> {
    let notifications = match cli.notifications {
        Some(address) => address,
        None if cli.only == Only::Api => {
            return Err("--only api wants --notifications ADDRESS".into());
        }
        None => {
            start(
                notifications::router(),
                cli.port.filter(|_| cli.only == Only::Notifications),
            )
            .await?
        }
    };
    tracing::info!("notifications at http://{notifications}");
    if cli.only == Only::Notifications {
        end(cli.duration).await;
        return Ok(None);
    }
    let database = db::Database::open(cli.database.as_deref()).await?;
    let app = app::App {
        db: database.pool.clone(),
        notifications: notifications::NotificationService::at(Client::of(notifications)),
    };
    let address = start(app::router(app), Some(cli.port.unwrap_or(8080))).await?;
    tracing::info!("marketplace at http://{address}");
    let totals = std::sync::Arc::new(traffic::Totals::default());
    if cli.traffic {
        let until = cli
            .duration
            .map(|duration| tokio::time::Instant::now() + duration);
        let plan = traffic::Plan {
            per_second: cli.requests_per_second,
            until,
            seed: cli.seed,
            outage: cli.outage,
        };
        let traffic = traffic::run(&database.pool, address, &plan, &totals);
        tokio::select! {
            () = traffic => {}
            () = end(None) => {}
        }
    } else {
        end(cli.duration).await;
    }
    // Notifications that are still under way, and a last scrape.
    tokio::time::sleep(cli.linger.max(Duration::from_millis(100))).await;
    database.close().await;
    Ok(cli.traffic.then_some(totals))
}

/// Serves on loopback; on any port where the wanted one is taken.
async fn start(router: axum::Router, port: Option<u16>) -> Result<SocketAddr, Failure> {
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(
                "port {} is not to be had ({error}): taking another",
                port.unwrap_or(0)
            );
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
